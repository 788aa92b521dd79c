/**
 * Calls the steps of a job, each with the value of the step before, in the async context of its
 * task.
 */

import { setImmediate } from '#platform/time';
import { CancelledError } from '../errors.js';
import { attemptOf, endOfKeys, firstKeyOf, highWaterMarkOf, idOf, isStream, slotOf } from '../protocol/job-layout.js';
import type { WorkerLedger } from '../protocol/ledger.js';
import type { Cells } from '../protocol/messages.js';
import { asPromise } from '../protocol/thenable.js';
import { isTraced } from '../protocol/traced-context.js';
import { unmarked } from '../protocol/transfer.js';
import type { Functions, KnownFunction } from './functions.js';
import type { RunningTasks } from './running-tasks.js';
import type { Streams } from './streams.js';
import { type Lane, registry, type TaskContext } from './task-context.js';

export class JobSteps {
  readonly #functions: Functions;
  readonly #ledger: WorkerLedger;
  readonly #tasks: RunningTasks;
  readonly #streams: Streams;

  constructor(functions: Functions, ledger: WorkerLedger, tasks: RunningTasks, streams: Streams) {
    this.#functions = functions;
    this.#ledger = ledger;
    this.#tasks = tasks;
    this.#streams = streams;
  }

  /**
   * Calls all steps. `first` is the function of the first one. `context` and `lane` are those of
   * the task. Returns the value of the last step, or a promise for it. The value is never another
   * thenable. For a stream, returns a promise for its end.
   *
   * `prepare` receives a task with stream arguments before the call. Such a task is always
   * followed.
   */
  call(
    first: KnownFunction,
    cells: Cells,
    at: number,
    args: readonly unknown[],
    context: unknown,
    lane?: Lane,
    prepare?: (task: TaskContext) => void,
  ): unknown {
    if (isStream(cells, at)) return this.#stream(first, cells, at, args, context, lane, prepare);
    // A synchronous function runs outside of the AsyncLocalStorage, which costs time. It runs
    // inside if the task may call `currentTask()`, or as long as no run has shown that it is
    // synchronous. A traced task runs inside too.
    if (first.isSync && !registry.followsAll && prepare === undefined && !isTraced(context)) {
      const value = this.#callAll(first, cells, at, args, lane);
      if (isPromise(value)) {
        first.isSync = false;
        this.#addTask(cells, at, first.name, context, lane);
      }
      return value;
    }
    const task = this.#addTask(cells, at, first.name, context, lane);
    prepare?.(task);
    const value = task.run(() => this.#callAll(first, cells, at, args, lane));
    first.isSync = !isPromise(value);
    return value;
  }

  #stream(
    first: KnownFunction,
    cells: Cells,
    at: number,
    args: readonly unknown[],
    context: unknown,
    lane: Lane | undefined,
    prepare?: (task: TaskContext) => void,
  ): Promise<unknown> {
    const task = this.#addTask(cells, at, first.name, context, lane);
    prepare?.(task);
    const emit = (value: unknown) => this.#streams.run(task, highWaterMarkOf(cells, at), value);
    return task.run(() => {
      const value = this.#callAll(first, cells, at, args, lane);
      return isPromise(value) ? value.then(emit) : emit(value);
    });
  }

  /** Creates a promise only if a step returns a thenable. */
  #callAll(first: KnownFunction, cells: Cells, at: number, args: readonly unknown[], lane: Lane | undefined): unknown {
    const end = endOfKeys(cells, at);
    // `fn` is called as a plain function. As a method, it would see the library's record as `this`.
    const { fn } = first;
    let value = awaitable(first.isOfActor ? Reflect.apply(fn, lane, args) : fn(...args));
    for (let key = firstKeyOf(at) + 1; key < end; key++) {
      // Without shared memory, an abort arrives as a message, which is read only in the next turn
      // of the event loop.
      if (isPromise(value) || !this.#ledger.isShared) return this.#callLater(value, cells, at, key);
      this.#checkStopped(cells, at);
      const { fn: next } = this.#functions.get(cells[key]!);
      value = awaitable(next(unmarked(value)));
    }
    return value;
  }

  /**
   * Calls the remaining steps when the promise `before` is fulfilled. `next` is the index of the
   * first remaining key in the cells.
   */
  async #callLater(before: unknown, cells: Cells, at: number, next: number): Promise<unknown> {
    let value = await before;
    const end = endOfKeys(cells, at);
    for (let key = next; key < end; key++) {
      if (!this.#ledger.isShared) await new Promise<void>((resolve) => setImmediate(resolve));
      this.#checkStopped(cells, at);
      const { fn } = this.#functions.get(cells[key]!);
      value = await fn(unmarked(value));
    }
    return value;
  }

  /** Returns true if the main thread has stopped the running job in the slot. */
  isStopped(slot: number): boolean {
    return this.#ledger.isStopped(slot) || this.#tasks.get(slot)?.isAborted === true;
  }

  /**
   * @throws CancelledError if the main thread has cancelled the job. The error is never shown,
   *   because its future has already been cancelled
   */
  #checkStopped(cells: Cells, at: number): void {
    if (!this.isStopped(slotOf(cells, at))) return;
    throw new CancelledError(`Task #${idOf(cells, at)} was cancelled between two steps.`);
  }

  #addTask(cells: Cells, at: number, name: string, context: unknown, lane: Lane | undefined): TaskContext {
    return this.#tasks.add(slotOf(cells, at), idOf(cells, at), name, attemptOf(cells, at), context, lane);
  }
}

/** Converts a thenable to a promise. `then` of a returned value is read only here. */
function awaitable(value: unknown): unknown {
  return asPromise(value) ?? value;
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
