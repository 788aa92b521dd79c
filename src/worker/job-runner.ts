/** Runs single jobs: claims a job, calls its steps, and reports the outcome. */

import { performance, setImmediate } from '#platform/time';
import { CancelledError } from '../errors.js';
import type { WorkerLedger } from '../protocol/ledger.js';
import { type Cells, JOB_CELLS, nextJob } from '../protocol/messages.js';
import { asPromise, whenDone } from '../protocol/thenable.js';
import { closeUnused, unmarked } from '../protocol/transfer.js';
import type { Functions, KnownFunction } from './functions.js';
import type { Progress } from './progress.js';
import type { Reports } from './reports.js';
import type { Streams } from './streams.js';
import { registry, TaskContext } from './task-context.js';

/**
 * Run time in ms up to which a function counts as quick. A quick function may start while results
 * wait to be sent.
 */
export const QUICK_MS = 0.25;
/**
 * Factor for the longest run time of a function after each shorter run. A slow run is forgotten
 * after some ten runs.
 */
const SLOWEST_DECAY = 0.9;

/** Receives the outcome of a job for its dependents. A job without one is alone in its tree. */
export interface Downstream {
  /**
   * Returns true if another job receives the value. The value itself is then rarely read on the
   * main thread.
   */
  fulfilled(value: unknown): boolean;
  failed(): void;
}

/** Identifies a job among all jobs that were ever sent to the worker. */
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
  /**
   * Ids by slot of the jobs that have arrived and have not started. Kept only if the main thread
   * can't revoke them.
   */
  readonly #unstarted = new Map<number, number>();
  /** Slots of unstarted jobs that the main thread has cancelled. */
  readonly #cancelled = new Set<number>();
  /** The time after the last job. One reading of the clock ends a job and starts the next one. */
  now = 0;

  constructor(functions: Functions, ledger: WorkerLedger, reports: Reports, options: JobRunnerOptions) {
    this.#functions = functions;
    this.#ledger = ledger;
    this.#reports = reports;
    this.#options = options;
  }

  /** Cancellations are known only after their messages have been read. */
  get lacksSharedMemory(): boolean {
    return !this.#ledger.isShared;
  }

  /** Records the jobs of a batch, so that an abort finds those that have not started. */
  arrived(cells: Cells): void {
    if (!this.lacksSharedMemory) return;
    for (let at = 0; at < cells.length; at = nextJob(cells, at)) this.#unstarted.set(cells[at]!, cells[at + 2]!);
  }

  abort({ slot, id, attempt }: JobReference, reason: unknown): void {
    // A slot names a job only until the report of the job is handled. An abort that crosses with
    // the report finds no job.
    if (this.#unstarted.get(slot) === id) {
      this.#cancelled.add(slot);
      return;
    }
    const context = this.#contexts.get(slot);
    if (context?.id !== id || context.attempt !== attempt) return;
    context.abort(reason);
    this.#options.streams.leave(slot);
  }

  /**
   * Prepares for the job at `at`. If the job may be slow, or if waiting results are due, the
   * results are sent first. Otherwise they would wait behind a long task, or be lost with a task
   * that crashes. Returns false if the results can't be sent yet and the job has to wait.
   */
  clear(cells: Cells, at: number): boolean {
    if (this.#functions.slowest(firstStep(cells, at)) > QUICK_MS || this.#reports.isDue(this.now))
      this.#reports.flush();
    return !this.#reports.isBlocked;
  }

  /**
   * Runs a job. Returns `undefined` if the job is already reported. Otherwise returns a promise
   * that resolves when the job is reported and never rejects.
   */
  run(cells: Cells, at: number, args: readonly unknown[], downstream?: Downstream): Promise<void> | undefined {
    const slot = cells[at]!;
    if (!this.#ledger.claim(slot, this.now) || this.#cancelled.has(slot)) {
      this.skip(slot, downstream);
      // A dependent job shares its argument with other jobs.
      if (cells[at + 1] === -1) closeUnused(args);
      return undefined;
    }
    if (this.lacksSharedMemory) this.#unstarted.delete(slot);
    const startedAt = this.now;
    let first: KnownFunction | undefined;
    try {
      first = this.#functions.get(firstStep(cells, at));
      const value = this.#call(cells, at, first, args);
      if (isPromise(value)) return this.#settleLater(slot, value, downstream);
      this.#fulfil(slot, value, downstream);
    } catch (error) {
      this.#reject(slot, error, downstream);
    } finally {
      this.now = performance.now();
      if (first !== undefined) {
        const took = this.now - startedAt;
        first.slowest =
          first.slowest === Number.POSITIVE_INFINITY ? took : Math.max(took, first.slowest * SLOWEST_DECAY);
      }
    }
    return undefined;
  }

  /** Skips a job that was revoked or whose upstream failed. */
  skip(slot: number, downstream?: Downstream): void {
    if (this.lacksSharedMemory) {
      this.#unstarted.delete(slot);
      this.#cancelled.delete(slot);
    }
    this.#reports.skip(slot);
    downstream?.failed();
  }

  /** Settles a job once: by its promise, or by an uncaught error that was traced to the task. */
  #settleLater(slot: number, promise: Promise<unknown>, downstream: Downstream | undefined): Promise<void> {
    const context = this.#contexts.get(slot)!;
    return new Promise((done) => {
      const once = (end: (result: unknown) => void) => (result: unknown) => {
        if (this.#contexts.get(slot) !== context) return;
        try {
          end(result);
        } catch (error) {
          // For example, a trap of a Proxy throws when the result is first read.
          this.#reject(slot, error, downstream);
        }
        done();
      };
      const fulfil = once((value) => this.#fulfil(slot, value, downstream));
      const reject = once((error) => this.#reject(slot, error, downstream));
      context.fault = reject;
      whenDone(promise, fulfil, reject);
    });
  }

  /** Rejects a running task with an uncaught error. Returns false if the task has ended. */
  fail(task: TaskContext, error: unknown): boolean {
    if (this.#contexts.get(task.slot) !== task || task.fault === undefined) return false;
    task.fault(error);
    return true;
  }

  #fulfil(slot: number, value: unknown, downstream: Downstream | undefined): void {
    this.#ledger.finish(slot);
    this.#deleteContext(slot);
    if (downstream?.fulfilled(value)) this.#reports.fulfilLazily(slot, value);
    else this.#reports.fulfil(slot, value);
  }

  #reject(slot: number, error: unknown, downstream: Downstream | undefined): void {
    this.#ledger.finish(slot);
    this.#deleteContext(slot);
    downstream?.failed();
    this.#reports.reject(slot, error);
  }

  #call(cells: Cells, at: number, first: KnownFunction, args: readonly unknown[]): unknown {
    const end = nextJob(cells, at);
    const credit = -cells[end - 1]!;
    if (credit > 0) return this.#stream(first, cells, at, end - 1, args, credit);
    // A task runs in the AsyncLocalStorage until a first run shows that its function is
    // synchronous. It always does if the task may call `currentTask()`.
    if (first.isSync && !registry.followsAll) {
      const value = this.#steps(first, cells, at, end, args);
      if (isPromise(value)) {
        first.isSync = false;
        this.#createContext(cells, at, first.name);
      }
      return value;
    }
    const context = this.#createContext(cells, at, first.name);
    const value = registry.storage.run(context, () => this.#steps(first, cells, at, end, args));
    first.isSync = !isPromise(value);
    return value;
  }

  /**
   * Returns a promise for the end of the stream. To the other methods, the job is an asynchronous
   * job without a value.
   */
  #stream(
    first: KnownFunction,
    cells: Cells,
    at: number,
    end: number,
    args: readonly unknown[],
    credit: number,
  ): Promise<unknown> {
    const { streams } = this.#options;
    const context = this.#createContext(cells, at, first.name);
    return registry.storage.run(context, () => {
      const made = this.#steps(first, cells, at, end, args);
      return isPromise(made)
        ? made.then((value) => streams.run(context, credit, value))
        : streams.run(context, credit, made);
    });
  }

  /**
   * Calls the steps of a job, each with the value of the step before. It creates a promise only if
   * a step returns a thenable.
   */
  #steps(first: KnownFunction, cells: Cells, at: number, end: number, args: readonly unknown[]): unknown {
    // `fn` is called as a plain function. As a method, it would see the library's record as `this`.
    const { fn } = first;
    let value = awaitable(fn(...args));
    for (let key = at + JOB_CELLS + 1; key < end; key++) {
      // Without shared memory, an abort arrives as a message, which is read only in the next turn
      // of the event loop.
      if (isPromise(value) || this.lacksSharedMemory) return this.#stepsLater(value, cells, at, key, end);
      this.#checkStopped(cells, at);
      const { fn: next } = this.#functions.get(cells[key]!);
      value = awaitable(next(unmarked(value)));
    }
    return value;
  }

  async #stepsLater(first: unknown, cells: Cells, at: number, next: number, end: number): Promise<unknown> {
    let value = await first;
    for (let key = next; key < end; key++) {
      if (this.lacksSharedMemory) await new Promise<void>((resolve) => setImmediate(resolve));
      this.#checkStopped(cells, at);
      const { fn } = this.#functions.get(cells[key]!);
      value = await fn(unmarked(value));
    }
    return value;
  }

  /**
   * @throws CancelledError if the main thread has cancelled the job. The error is never shown,
   *   because its future has already been cancelled
   */
  #checkStopped(cells: Cells, at: number): void {
    const slot = cells[at]!;
    if (this.#ledger.isStopped(slot) || this.#contexts.get(slot)?.isAborted === true) {
      throw new CancelledError(`Task #${cells[at + 2]} was cancelled between two steps.`);
    }
  }

  #createContext(cells: Cells, at: number, name: string): TaskContext {
    const slot = cells[at]!;
    const { workerName, progress } = this.#options;
    const context = new TaskContext(slot, cells[at + 2]!, name, cells[at + 3]!, workerName, progress);
    this.#contexts.set(slot, context);
    registry.running.add(context);
    return context;
  }

  #deleteContext(slot: number): void {
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

/** Converts a thenable to a promise. `then` of a returned value is read only here. */
function awaitable(value: unknown): unknown {
  return asPromise(value) ?? value;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
