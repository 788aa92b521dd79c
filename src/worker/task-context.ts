/**
 * Records which task is running, for `currentTask()`.
 *
 * The registry is stored on globalThis, because a task module may load its own copy of
 * `rx-futures/worker` (from another folder, or through a TypeScript loader).
 *
 * Asynchronous functions are followed across their awaits, so that an error in one of their timers
 * can be traced to its task. Following costs time, so synchronous functions are followed only after
 * `rx-futures/worker` was imported.
 */
import { AsyncLocalStorage, followsAwaits } from '#platform/async-storage';
import { CancelledError } from '../errors.js';
import type { Key } from '../protocol/job-layout.js';
import type { WorkerLedger } from '../protocol/ledger.js';
import { headersOf, isTraced, type TraceHeaders } from '../protocol/traced-context.js';
import { type Actor, isActor } from './actors/actor.js';
import type { Progress } from './progress.js';
import { inTrace } from './trace-context.js';

/** Maximum number of nested causes that are read. A longer chain is a cycle or artificial. */
const MAX_CAUSE_DEPTH = 20;

/** The tasks of a lane run in their order: those with the same key, or of the same actor. */
export type Lane = Key | Actor;

/** Informs a task of its cancel in the middle of synchronous code. */
export interface CancelSource {
  readonly ledger: Pick<WorkerLedger, 'isStopped' | 'markCancelRead' | 'clearCancelRead'>;
  /** Reads the messages that have arrived. If one of them aborts the task, aborts it now. */
  receiveAbort(task: TaskContext): void;
}

/** A running job, as its task sees it. */
export class TaskContext {
  /**
   * Rejects the task with an error that its promise does not carry. Set while the task runs
   * asynchronously.
   */
  fault: ((error: unknown) => void) | undefined = undefined;
  /**
   * Used by progress.ts: number of messages that the task may send at once, and the time at which
   * they were counted.
   */
  progressEarned = 0;
  progressAt = Number.NEGATIVE_INFINITY;
  #controller: AbortController | undefined;
  #aborted: { readonly reason: unknown } | undefined;
  /** Undefined after the end of the task, because its slot then belongs to another job. */
  #cancels: CancelSource | undefined;
  /** The value that the caller passed beside the arguments. */
  readonly context: unknown;
  /** The headers of the caller's trace. */
  readonly #headers: TraceHeaders | undefined;
  #hasReadCancel = false;
  #isStopped = false;

  constructor(
    readonly slot: number,
    readonly id: number,
    readonly name: string,
    readonly attempt: number,
    readonly workerName: string,
    readonly progress: Progress,
    cancels: CancelSource | undefined,
    context?: unknown,
    /** The lane of the task, or of the task in whose job tree it runs. */
    readonly lane?: Lane,
  ) {
    this.#cancels = cancels;
    this.context = isTraced(context) ? context.context : context;
    this.#headers = isTraced(context) ? headersOf(context) : undefined;
  }

  /** Calls a part of the task in its async context and in the trace of its caller. */
  run<R>(fn: () => R): R {
    const headers = this.#headers;
    return registry.storage.run(this, headers === undefined ? fn : () => inTrace(headers, fn));
  }

  get key(): Key | undefined {
    return isActor(this.lane) ? undefined : this.lane;
  }

  /**
   * True as soon as the task was cancelled or timed out. With shared memory that is also true in
   * the middle of synchronous code. Stays true after the end of the task.
   */
  get isCancelled(): boolean {
    if (!this.#hasReadCancel) {
      this.#hasReadCancel = true;
      this.#cancels?.ledger.markCancelRead(this.slot);
    }
    return this.#isAsked();
  }

  /** @throws `signal.reason`, if the task was cancelled or timed out */
  throwIfCancelled(): void {
    if (!this.isCancelled) return;
    this.#receiveAbort();
    throw this.#aborted!.reason;
  }

  /**
   * The signal. It is already aborted if the task has seen its cancel. Otherwise it aborts in a
   * later turn, because a task may add its listener without reading `aborted` first.
   */
  get signal(): AbortSignal {
    if (this.#isStopped) this.#receiveAbort();
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  #isAsked(): boolean {
    if (!this.#isStopped) {
      this.#isStopped = this.isAborted || this.#cancels?.ledger.isStopped(this.slot) === true;
    }
    return this.#isStopped;
  }

  /**
   * Aborts the signal with the reason, which may be in a message that has arrived and was not read.
   *
   *   1. The main thread posts the message with the reason.
   *   2. The main thread marks the job as stopped in the ledger.
   *   3. The task sees the mark. The message is in the port by then.
   */
  #receiveAbort(): void {
    if (!this.isAborted) this.#cancels?.receiveAbort(this);
    // If the task has ended, its messages are not read any more. The signal then aborts without the
    // reason.
    if (!this.isAborted) this.abort(undefined);
  }

  /** Called when the job has ended. From then on, its slot may belong to another job. */
  ended(): void {
    if (this.#hasReadCancel) this.#cancels?.ledger.clearCancelRead(this.slot);
    this.#cancels = undefined;
  }

  get isAborted(): boolean {
    return this.#aborted !== undefined;
  }

  /**
   * Returns true if `error` can follow from the abort of this task. Such an error is the abort
   * reason or an AbortError, or one of them is among its causes.
   */
  isCausedByAbort(error: unknown): boolean {
    if (this.#aborted === undefined) return false;
    const { reason } = this.#aborted;
    try {
      for (let cause = error, depth = 0; depth < MAX_CAUSE_DEPTH; depth++) {
        if (cause === reason || cause instanceof CancelledError) return true;
        if (typeof cause !== 'object' || cause === null) return false;
        const { name, cause: next } = cause as Partial<Error>;
        if (name === 'AbortError') return true;
        cause = next;
      }
    } catch {
      // A getter of the error throws.
    }
    return false;
  }

  abort(given: unknown): void {
    const reason = given === undefined ? new CancelledError(`Task "${this.name}" (#${this.id}) was cancelled.`) : given;
    this.#aborted ??= { reason };
    this.#controller?.abort(this.#aborted.reason);
  }
}

interface Registry {
  readonly storage: AsyncLocalStorage<TaskContext>;
  /**
   * Set when `rx-futures/worker` is first imported. From then on, synchronous tasks are followed
   * too, because they may call `currentTask()`.
   */
  followsAll: boolean;
  /** Running tasks of this thread, including those that started before they were followed. */
  readonly running: Set<TaskContext>;
}

const key = Symbol.for('rx-futures.running-tasks');

const shared = globalThis as { [key]?: Registry };
shared[key] ??= { storage: new AsyncLocalStorage(), followsAll: false, running: new Set() };

export const registry: Registry = shared[key];

/** From now on, all tasks are followed across their awaits. */
export function followTasks(): void {
  registry.followsAll = true;
}

/**
 * Returns the task that makes this call, if the task is known for certain. The task may have
 * settled.
 */
export function runningTaskExactly(): TaskContext | undefined {
  return registry.storage.getStore();
}

export function runningTask(): TaskContext | undefined {
  const followed = runningTaskExactly();
  if (followed !== undefined) return followed;
  // The task started before `rx-futures/worker` was first imported (for example by an import()
  // inside the task). It is known only if no other task is running.
  const [only, another] = registry.running;
  return another === undefined ? only : undefined;
}

/**
 * Returns the task that has caused an error which escaped all promises. If nothing follows a task
 * across its awaits, as in a browser, it is the only running task.
 */
export function taskAtFault(): TaskContext | undefined {
  return followsAwaits ? runningTaskExactly() : runningTask();
}

/** Returns whether `runningTask` does not know which of several running tasks makes this call. */
export function isAmbiguous(): boolean {
  return !followsAwaits && registry.running.size > 1;
}
