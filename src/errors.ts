/**
 * Every error that the library itself raises, on either side of the wall. Each class has one cause, a stable `name` and
 * `code`, and a message that ends with what to do next.
 */

/** Marks the library's classes, also for another copy of it on the other side of the wall. */
export const errorBrand: unique symbol = Symbol.for('rx-futures.error') as never;

/** The base of all errors raised by this library: `error instanceof RxFuturesError` tells them from a task's own. */
export abstract class RxFuturesError extends Error {
  abstract readonly code: string;
}

/**
 * The future was cancelled: by `cancel()`, an aborted signal, `terminate()`, or because what it waits for was.
 * `cause` is the reason as it was given. Next: nothing, somebody asked for it.
 */
export class CancelledError extends RxFuturesError {
  readonly code = 'ERR_CANCELLED';

  constructor(message = 'The future was cancelled.', options?: { cause?: unknown }) {
    super(message, options);
  }
}

/** Something took longer than the `timeout` (in ms) that it was given. Next: raise the limit, or find out what is slow. */
export class TimeoutError extends RxFuturesError {
  readonly code = 'ERR_TIMEOUT';
}

/**
 * The worker that ran the task ended before the result was home. The task had begun, so it isn't run again by itself.
 * Next: look at `cause` and `exitCode`; where a second run is safe, give the task the `retry` option.
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
 */
export class BrokenExecutorError extends RxFuturesError {
  readonly code = 'ERR_BROKEN_EXECUTOR';
}

/** The executor takes no more work, since it was shut down. Next: submit earlier, or use another Executor. */
export class ExecutorShutdownError extends RxFuturesError {
  readonly code = 'ERR_EXECUTOR_SHUTDOWN';
}

/**
 * More tasks wait than `maxQueue` allows. Next: submit slower (`map` does it for you), or raise `maxQueue`. On a queue also: Redis has no memory
 * for the task. Next: raise its `maxmemory`, or submit again when machines have worked off the queue.
 */
export class QueueFullError extends RxFuturesError {
  readonly code = 'ERR_QUEUE_FULL';
}

/**
 * A value can't cross the wall between threads. `path` leads to the culprit, such as `result.handlers[0]`.
 * Next: leave that part out, or send plain data that stands for it.
 */
export class SerializationError extends RxFuturesError {
  readonly code = 'ERR_SERIALIZATION';
  readonly path: string;

  constructor(message: string, options: { path: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = options.path;
  }
}

/** The task module has no such function. `exports` lists those it has. Next: correct the name, or export the function. */
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
