/**
 * Every error that the library itself raises, on either side of the wall. Each class has one cause, a stable `name` and
 * `code`, and a message that ends with what to do next.
 */

/** Marks the library's classes, also for another copy of it on the other side of the wall. */
export const errorBrand: unique symbol = Symbol.for('rx-futures.error') as never;

/**
 * The base of all errors raised by this library: `error instanceof RxFuturesError` tells them from a task's own.
 *
 * ```ts
 * console.log(await nap.with({ timeout: 100 })(60_000).catch((error) => error instanceof RxFuturesError));
 * // Output:
 * // true
 * ```
 */
export abstract class RxFuturesError extends Error {
  abstract readonly code: string;
}

/**
 * The future was cancelled: by `cancel()`, an aborted signal, `terminate()`, or because what it waits for was.
 * `cause` is the reason as it was given. Next: nothing, somebody asked for it.
 *
 * ```ts
 * const future = nap(60_000);
 * future.cancel('not needed');
 * await future.catch((error: CancelledError) => console.log(error.code, error.cause));
 * // Output:
 * // ERR_CANCELLED not needed
 * ```
 */
export class CancelledError extends RxFuturesError {
  readonly code = 'ERR_CANCELLED';

  constructor(message = 'The future was cancelled.', options?: { cause?: unknown }) {
    super(message, options);
  }
}

/**
 * Something took longer than the `timeout` (in ms) that it was given. Next: raise the limit, or find out what is slow.
 *
 * ```ts
 * await nap.with({ timeout: 100 })(60_000).catch((error: TimeoutError) => console.log(error.code));
 * // Output:
 * // ERR_TIMEOUT
 * ```
 */
export class TimeoutError extends RxFuturesError {
  readonly code = 'ERR_TIMEOUT';
}

/**
 * The worker that ran the task ended before the result was home. The task had begun, so it isn't run again by itself.
 * Next: look at `cause` and `exitCode`; where a second run is safe, give the task the `retry` option.
 *
 * ```ts
 * await executor
 *   .submit(() => process.exit(7))
 *   .catch((error: WorkerDiedError) => console.log(error.workerName, error.exitCode));
 * // Output:
 * // executor-1 7
 * ```
 */
export class WorkerDiedError extends RxFuturesError {
  readonly code = 'ERR_WORKER_DIED';
  readonly workerName: string;
  readonly exitCode: number | undefined;

  constructor(message: string, options: { workerName: string; exitCode?: number | undefined; cause?: unknown }) {
    super(message, 'cause' in options && options.cause !== undefined ? { cause: options.cause } : undefined);
    this.workerName = options.workerName;
    this.exitCode = options.exitCode;
  }
}

/**
 * No worker can be started: the module or the initializer fails, or Node can make no thread or process. Next: mend what `cause` says, then make a
 * new Executor. On a queue also: Redis can't be reached, or refuses the task. Next: as the message says; if `executor.state` is still `'open'`, submit
 * again.
 *
 * ```ts
 * const executor = new Executor({ tasks: new URL('./no-such-file.js', import.meta.url) });
 * await executor.ready().catch((error: BrokenExecutorError) => console.log(error.code, executor.state));
 * // Output:
 * // ERR_BROKEN_EXECUTOR broken
 * ```
 */
export class BrokenExecutorError extends RxFuturesError {
  readonly code = 'ERR_BROKEN_EXECUTOR';
}

/**
 * The executor takes no more work, since it was shut down. Next: submit earlier, or use another Executor.
 *
 * ```ts
 * await executor.shutdown();
 * try {
 *   square(3);
 * } catch (error) {
 *   console.log(error instanceof ExecutorShutdownError);
 * }
 * // Output:
 * // true
 * ```
 */
export class ExecutorShutdownError extends RxFuturesError {
  readonly code = 'ERR_EXECUTOR_SHUTDOWN';
}

/**
 * More tasks wait than `maxQueue` allows. Next: submit slower (`map` does it for you), or raise `maxQueue`. On a queue also: Redis has no memory
 * for the task. Next: raise its `maxmemory`, or submit again when machines have worked off the queue.
 *
 * ```ts
 * const executor = new Executor({ maxWorkers: 1, maxQueue: 1 });
 * const futures = [1, 2, 3].map((n) => executor.submit((n: number) => n, n)); // one can start, and one may wait
 * await futures[2]?.catch((error: QueueFullError) => console.log(error.code));
 * // Output:
 * // ERR_QUEUE_FULL
 * ```
 */
export class QueueFullError extends RxFuturesError {
  readonly code = 'ERR_QUEUE_FULL';
}

/**
 * A value can't cross the wall between threads. `path` leads to the culprit, such as `result.handlers[0]`.
 * Next: leave that part out, or send plain data that stands for it.
 *
 * ```ts
 * await executor
 *   .submit(() => ({ onClick: () => {} }))
 *   .catch((error: SerializationError) => console.log(error.path));
 * // Output:
 * // result.onClick
 * ```
 */
export class SerializationError extends RxFuturesError {
  readonly code = 'ERR_SERIALIZATION';
  readonly path: string;

  constructor(message: string, options: { path: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = options.path;
  }
}

/**
 * The task module has no such function. `exports` lists those it has. Next: correct the name, or export the function.
 *
 * ```ts
 * await executor
 *   .submit('sqare' as 'square', 3)
 *   .catch((error: TaskNotFoundError) => console.log(error.task, error.exports.includes('square')));
 * // Output:
 * // sqare true
 * ```
 */
export class TaskNotFoundError extends RxFuturesError {
  readonly code = 'ERR_TASK_NOT_FOUND';
  readonly module: string;
  readonly task: string;
  readonly exports: readonly string[];

  constructor(message: string, options: { module: string; task: string; exports: readonly string[] }) {
    super(message);
    this.module = options.module;
    this.task = options.task;
    this.exports = options.exports;
  }
}

/** The library's classes by name: what the wire uses to give an error its class back. */
export const errorClasses = {
  CancelledError,
  TimeoutError,
  WorkerDiedError,
  BrokenExecutorError,
  ExecutorShutdownError,
  QueueFullError,
  SerializationError,
  TaskNotFoundError,
} as const;

Object.defineProperty(RxFuturesError.prototype, errorBrand, { value: true });

// On the prototype, not on each instance, so that a name survives minification and doesn't show up among own properties.
for (const [name, type] of Object.entries(errorClasses)) {
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true });
}
