/** Runs single legs: claims, calls, and hands what comes out to the reports. */

import { CancelledError } from '../errors.js';
import { performance, setImmediate } from '../platform/time.js';
import type { WorkerLedger } from '../protocol/ledger.js';
import { type Cells, JOB_CELLS, nextJob } from '../protocol/messages.js';
import { asPromise, whenDone } from '../protocol/thenable.js';
import { closeUnused, unmarked } from '../protocol/transfer.js';
import type { Functions, KnownFunction } from './functions.js';
import type { Progress } from './progress.js';
import type { Reports } from './reports.js';
import type { Streams } from './streams.js';
import { registry, TaskContext } from './task-context.js';

/** ms. A function whose synchronous part never took longer lately may begin while results wait to be sent. */
export const QUICK = 0.25;
/** What the worst time of a function is multiplied with at each run that is better: it is forgiven in some ten runs. */
const FORGIVEN = 0.9;

/** Who is fed by a leg's value; without one the leg is alone in its plan. */
export interface Downstream {
  /** True when the value goes on to another leg, so that its own future may never be looked at. */
  fulfilled(value: unknown): boolean;
  failed(): void;
}

/** What names a leg among all that a worker was ever sent. */
interface JobReference {
  readonly slot: number;
  readonly id: number;
  readonly attempt: number;
}

export interface JobRunnerOptions {
  readonly workerName: string;
  readonly progress: Progress;
  readonly streams: Streams;
}

export class JobRunner {
  readonly #functions: Functions;
  readonly #ledger: WorkerLedger;
  readonly #reports: Reports;
  readonly #options: JobRunnerOptions;
  readonly #contexts = new Map<number, TaskContext>();
  /** Ids by slot of the legs that were sent here and have not begun. Kept only if main cannot revoke them. */
  readonly #inHand = new Map<number, number>();
  /** Slots of legs in hand that main has cancelled. */
  readonly #unwanted = new Set<number>();
  /** The time, as of the last leg: reading the clock once between two tasks is enough for both. */
  now = 0;

  constructor(functions: Functions, ledger: WorkerLedger, reports: Reports, options: JobRunnerOptions) {
    this.#functions = functions;
    this.#ledger = ledger;
    this.#reports = reports;
    this.#options = options;
  }

  /** What was cancelled is known only when the message has been read. */
  get isTold(): boolean {
    return !this.#ledger.isShared;
  }

  /** Notes the legs of plans that have arrived, so that an abort finds those that have not begun. */
  arrived(cells: Cells): void {
    if (!this.isTold) return;
    for (let at = 0; at < cells.length; at = nextJob(cells, at)) this.#inHand.set(cells[at]!, cells[at + 2]!);
  }

  abort({ slot, id, attempt }: JobReference, reason: unknown): void {
    // A slot names one leg only until its report is handled. An abort that crosses with the report finds the leg gone.
    if (this.#inHand.get(slot) === id) {
      this.#unwanted.add(slot);
      return;
    }
    const context = this.#contexts.get(slot);
    if (context?.id !== id || context.attempt !== attempt) return;
    context.abort(reason);
    this.#options.streams.leave(slot);
  }

  /**
   * Makes way for the leg at `at`: results must not wait behind a task that may be long, nor die with one that may crash. False when they
   * can't leave yet, and the leg has to wait.
   */
  clear(cells: Cells, at: number): boolean {
    if (this.#functions.slowest(firstStep(cells, at)) > QUICK || this.#reports.isDue(this.now)) this.#reports.flush();
    return !this.#reports.held;
  }

  /** Undefined when the leg is reported already; else a promise, which is never rejected, of the time when it is. */
  run(cells: Cells, at: number, args: readonly unknown[], feed?: Downstream): Promise<void> | undefined {
    const slot = cells[at]!;
    if (!this.#ledger.claim(slot, this.now) || this.#unwanted.has(slot)) {
      this.skip(slot, feed);
      // A dependent job shares its argument with other jobs.
      if (cells[at + 1] === -1) closeUnused(args);
      return undefined;
    }
    if (this.isTold) this.#inHand.delete(slot);
    const began = this.now;
    let first: KnownFunction | undefined;
    try {
      first = this.#functions.get(firstStep(cells, at));
      const value = this.#call(cells, at, first, args);
      if (isPromise(value)) return this.#later(slot, value, feed);
      this.#fulfil(slot, value, feed);
    } catch (error) {
      this.#reject(slot, error, feed);
    } finally {
      this.now = performance.now();
      if (first !== undefined) {
        const took = this.now - began;
        first.slowest = first.slowest === Number.POSITIVE_INFINITY ? took : Math.max(took, first.slowest * FORGIVEN);
      }
    }
    return undefined;
  }

  /** It was taken back, or what feeds it failed. */
  skip(slot: number, feed?: Downstream): void {
    if (this.isTold) {
      this.#inHand.delete(slot);
      this.#unwanted.delete(slot);
    }
    this.#reports.skip(slot);
    feed?.failed();
  }

  /** Settles once: by the promise, or by a fault that was traced to the task. */
  #later(slot: number, promise: Promise<unknown>, feed: Downstream | undefined): Promise<void> {
    const context = this.#contexts.get(slot)!;
    return new Promise((done) => {
      const once = (end: (result: unknown) => void) => (result: unknown) => {
        if (this.#contexts.get(slot) !== context) return;
        try {
          end(result);
        } catch (error) {
          // A trap of a Proxy, for one, at the first look at the result.
          this.#reject(slot, error, feed);
        }
        done();
      };
      const fulfil = once((value) => this.#fulfil(slot, value, feed));
      const reject = once((error) => this.#reject(slot, error, feed));
      context.fault = reject;
      whenDone(promise, fulfil, reject);
    });
  }

  /** Ends a leg from outside of its promise; false where it has ended. */
  fail(task: TaskContext, error: unknown): boolean {
    if (this.#contexts.get(task.slot) !== task || task.fault === undefined) return false;
    task.fault(error);
    return true;
  }

  #fulfil(slot: number, value: unknown, feed: Downstream | undefined): void {
    this.#ledger.finish(slot);
    this.#forget(slot);
    if (feed?.fulfilled(value)) this.#reports.fulfilLazily(slot, value);
    else this.#reports.fulfil(slot, value);
  }

  #reject(slot: number, error: unknown, feed: Downstream | undefined): void {
    this.#ledger.finish(slot);
    this.#forget(slot);
    feed?.failed();
    this.#reports.reject(slot, error);
  }

  #call(cells: Cells, at: number, first: KnownFunction, args: readonly unknown[]): unknown {
    const end = nextJob(cells, at);
    const credit = -cells[end - 1]!;
    if (credit > 0) return this.#stream(first, cells, at, end - 1, args, credit);
    // A function is known for synchronous by its first run; until then, and where a task may ask for itself, it is followed.
    if (first.isSync && !registry.followsAll) {
      const value = this.#steps(first, cells, at, end, args);
      if (isPromise(value)) {
        first.isSync = false;
        this.#remember(cells, at, first.name);
      }
      return value;
    }
    const context = this.#remember(cells, at, first.name);
    const value = registry.storage.run(context, () => this.#steps(first, cells, at, end, args));
    first.isSync = !isPromise(value);
    return value;
  }

  /** A promise of the end of the stream: to all others the leg is an asynchronous one without a value. */
  #stream(
    first: KnownFunction,
    cells: Cells,
    at: number,
    end: number,
    args: readonly unknown[],
    credit: number,
  ): Promise<unknown> {
    const { streams } = this.#options;
    const context = this.#remember(cells, at, first.name);
    return registry.storage.run(context, () => {
      const made = this.#steps(first, cells, at, end, args);
      return isPromise(made)
        ? made.then((value) => streams.run(context, credit, value))
        : streams.run(context, credit, made);
    });
  }

  /** The steps of a leg, each on the value of the one before; without a promise between them unless a step returns a thenable. */
  #steps(first: KnownFunction, cells: Cells, at: number, end: number, args: readonly unknown[]): unknown {
    // Called by itself: as a method it would see the library's record as `this`.
    const { fn } = first;
    let value = awaitable(fn(...args));
    for (let key = at + JOB_CELLS + 1; key < end; key++) {
      // An abort is in a message that is not read before the next turn, if main shares no memory with this thread.
      if (isPromise(value) || this.isTold) return this.#stepsLater(value, cells, at, key, end);
      this.#checkStopped(cells, at);
      const { fn: next } = this.#functions.get(cells[key]!);
      value = awaitable(next(unmarked(value)));
    }
    return value;
  }

  async #stepsLater(first: unknown, cells: Cells, at: number, next: number, end: number): Promise<unknown> {
    let value = await first;
    for (let key = next; key < end; key++) {
      if (this.isTold) await new Promise<void>((resolve) => setImmediate(resolve));
      this.#checkStopped(cells, at);
      const { fn } = this.#functions.get(cells[key]!);
      value = await fn(unmarked(value));
    }
    return value;
  }

  /** @throws CancelledError if main has cancelled the leg. Nobody waits for its report, so the error is seen by nobody. */
  #checkStopped(cells: Cells, at: number): void {
    const slot = cells[at]!;
    if (this.#ledger.isStopped(slot) || this.#contexts.get(slot)?.isAborted === true) {
      throw new CancelledError(`#${cells[at + 2]} was cancelled between two steps`);
    }
  }

  #remember(cells: Cells, at: number, name: string): TaskContext {
    const slot = cells[at]!;
    const { workerName, progress } = this.#options;
    const context = new TaskContext(slot, cells[at + 2]!, name, cells[at + 3]!, workerName, progress);
    this.#contexts.set(slot, context);
    registry.running.add(context);
    return context;
  }

  #forget(slot: number): void {
    const context = this.#contexts.get(slot);
    if (context === undefined) return;
    this.#contexts.delete(slot);
    registry.running.delete(context);
    this.#options.progress.ended(context);
    this.#options.streams.drop(slot);
  }
}

function firstStep(cells: Cells, at: number): number {
  return cells[at + JOB_CELLS]!;
}

/** What a step has returned: a promise if it is a thenable, whose `then` is read here and nowhere else. */
function awaitable(value: unknown): unknown {
  return asPromise(value) ?? value;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
