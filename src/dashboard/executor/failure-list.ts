/**
 * The last failures of an executor, as texts of bounded length. The futures after a failed task in
 * a chain reject with the same error, so each error is listed once.
 */
import { performance, wallClock } from '#platform/time';
import { headlineOf, stackOf } from '../../protocol/error-text.js';
import { isInstance } from '../../protocol/instance.js';
import { Recent } from '../../util/recent.js';
import type { FailureRow } from '../frames.js';

/** Failures that the list keeps. */
const MAX_FAILURES = 50;
/** Failures in a second whose texts are read. Reading a stack takes some 10 us. */
const MAX_PER_SECOND = 50;
const MAX_TITLE = 500;
const MAX_STACK = 4_000;

export interface FailedTask {
  readonly id: number;
  readonly name: string;
  readonly attempt: number;
  readonly worker: string | undefined;
  readonly error: unknown;
}

export class FailureList {
  readonly #kept = new Recent<FailureRow>(MAX_FAILURES);
  #fresh = new Recent<FailureRow>(MAX_FAILURES);
  #listed = new WeakSet<object>();
  #count = 0;
  #omitted = 0;
  #second = 0;
  #inSecond = 0;

  /** The failures that `take` has returned. */
  get kept(): readonly FailureRow[] {
    return this.#kept.all();
  }

  add({ id, name, attempt, worker, error }: FailedTask): void {
    if (typeof error === 'object' && error !== null) {
      if (this.#listed.has(error)) return;
      this.#listed.add(error);
    }
    const second = Math.floor(performance.now() / 1_000);
    if (second !== this.#second) this.#inSecond = 0;
    this.#second = second;
    if (++this.#inSecond > MAX_PER_SECOND) {
      this.#omitted++;
      return;
    }
    const [n, omitted] = [++this.#count, this.#omitted];
    this.#omitted = 0;
    this.#fresh.add({ n, at: wallClock(), id, name, attempt, worker, omitted, ...textsOf(error) });
  }

  /** Returns the failures since the last call. */
  take(): readonly FailureRow[] {
    const fresh = this.#fresh.all();
    this.#fresh = new Recent(MAX_FAILURES);
    for (const failure of fresh) this.#kept.add(failure);
    return fresh;
  }
}

/** Returns the texts of an error. Any other thrown value may be a value of the task. */
function textsOf(error: unknown): { title: string; stack: string | undefined } {
  if (!isInstance(error, Error)) {
    const kind = typeof error === 'object' ? 'an object' : `a ${typeof error}`;
    return { title: `The task threw ${kind}, which is not an Error`, stack: undefined };
  }
  return { title: bounded(headlineOf(error), MAX_TITLE), stack: bounded(stackOf(error) ?? '', MAX_STACK) || undefined };
}

function bounded(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
