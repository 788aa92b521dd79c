/**
 * The calls of an actor that still run on a worker which the actor has left, because that worker
 * receives no more jobs. They finish there, on the former object.
 */
import { ACTOR, type Key } from '../../protocol/job-layout.js';
import type { JobActor, JobLane } from '../job/place.js';

export class FormerCalls implements JobLane {
  readonly key: Key;
  readonly tag = ACTOR;
  readonly actor: JobActor;
  readonly concurrency = Number.POSITIVE_INFINITY;
  readonly isStarted = true;
  readonly unsent: Iterable<object> = [];
  roots = 0;
  scan = 0;
  readonly #countLive: () => number;
  readonly #left: () => void;

  /** `countLive` returns how many calls are not settled. `left` is called when one has ended. */
  constructor(key: Key, actor: JobActor, countLive: () => number, left: () => void) {
    this.key = key;
    this.actor = actor;
    this.#countLive = countLive;
    this.#left = left;
  }

  /** Number of calls that have not settled. */
  get live(): number {
    return this.#countLive();
  }

  mayStart(): boolean {
    return false;
  }

  started(): void {}

  entered(isRoot: boolean): void {
    if (isRoot) this.roots++;
  }

  left(isRoot: boolean): void {
    if (!isRoot) return;
    this.roots--;
    this.#left();
  }
}
