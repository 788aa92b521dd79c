/**
 * The error classes of the library, for the main thread and for workers. Each has a stable `name`
 * and a stable `code`. A wrong argument is a TypeError or a RangeError instead.
 *
 * This file is long because each class has an example.
 */

/**
 * Marks the library's error classes. A second copy of the library, for example in a worker,
 * recognizes them by this symbol.
 */
export const errorBrand: unique symbol = Symbol.for('rx-futures.error') as never;

/**
 * The base class of all errors of this library. Use `error instanceof RxFuturesError` to
 * distinguish them from errors of a task.
 *
 * ```ts
 * console.log(await nap.with({ timeout: 100 })(60_000).catch((error) => error instanceof RxFuturesError));
 * // Output:
 * // true
 * ```
 */
export abstract class RxFuturesError extends Error {
  /** Identifies the class in logs and across copies of the library. It never changes. */
  abstract readonly code: string;
}

/**
 * The future was cancelled: by `cancel()`, by an aborted signal, by `terminate()`, or because the
 * future that it waits for was cancelled. `cause` is the reason that was passed. Next: nothing,
 * because the program asked for it.
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
 * A task exceeded its `timeout` or its `deadline`, or a wait exceeded its `timeout` (in ms).
 * `phase` is what the task did at that moment: it waited, or it ran. Next: if it waited, submit
 * fewer tasks or add workers. If it ran, make the task faster, or increase the limit.
 *
 * If a task failed and its deadline allows no further run, `cause` is the last failure.
 *
 * ```ts
 * await nap.with({ timeout: 100 })(60_000).catch((error: TimeoutError) => console.log(error.code, error.phase));
 * // Output:
 * // ERR_TIMEOUT running
 * ```
 */
export class TimeoutError extends RxFuturesError {
  readonly code = 'ERR_TIMEOUT';
  /** `'waiting'` if the task had not started, or waited for its next run. Otherwise `'running'`. */
  readonly phase: 'waiting' | 'running';

  /** @param options `phase` is `'running'` by default */
  constructor(
    message = 'The time limit was exceeded.',
    options: { readonly phase?: 'waiting' | 'running'; readonly cause?: unknown } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.phase = options.phase ?? 'running';
  }
}

/**
 * The worker ended before it had sent the task's result. The task had already started, and had
 * no retry left. Next: check `cause` and `exitCode`. Set the `retry` option if running the task
 * twice is safe.
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
  readonly code: 'ERR_WORKER_DIED' | 'ERR_ACTOR_DIED' = 'ERR_WORKER_DIED';
  /** Name of the worker: the name of its executor and a number. */
  readonly workerName: string;
  /** Exit code of the thread or process, if it is known. */
  readonly exitCode: number | undefined;

  constructor(message: string, options: { workerName: string; exitCode?: number | undefined; cause?: unknown }) {
    super(message, 'cause' in options && options.cause !== undefined ? { cause: options.cause } : undefined);
    this.workerName = options.workerName;
    this.exitCode = options.exitCode;
  }
}

/**
 * The actor runs no more calls: its worker has ended, or `Actor.end` was called. Next: check
 * `cause` and `exitCode`. Make a new actor, or set the option `restart`.
 *
 * ```ts
 * const counter = executor.actors.Counter(10);
 * await counter.crash().catch((error: ActorDiedError) => console.log(error.code, error.actorName));
 * // Output:
 * // ERR_ACTOR_DIED Counter-1
 * ```
 */
export class ActorDiedError extends WorkerDiedError {
  override readonly code = 'ERR_ACTOR_DIED';
  /** Name of the actor: the name of its class and a number. */
  readonly actorName: string;

  constructor(message: string, options: { actorName: string } & ConstructorParameters<typeof WorkerDiedError>[1]) {
    super(message, options);
    this.actorName = options.actorName;
  }
}

/**
 * No worker can be started: the task module or the initializer fails, or Node can't create a thread
 * or process. Next: fix the error in `cause`, then create a new Executor.
 *
 * With a queue it has two other causes. If `executor.state` is `'broken'`, the executor could not
 * connect to Redis. If it is `'open'`, Redis refused this task. Next: follow the message, which
 * says whether to submit the task again.
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
 * The executor accepts no more tasks, because it was shut down. Next: submit before `shutdown()`,
 * or use another Executor.
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
 * More tasks are waiting than `maxQueue` allows. Next: submit more slowly (`map` does so by
 * itself), or increase `maxQueue`.
 *
 * With a queue also: Redis has no memory for the task. Next: increase its `maxmemory`, or submit
 * again when the servers have processed part of the queue.
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
 * A value can't be sent between threads. `path` names the part at fault, such as
 * `result.handlers[0]`. Next: leave that part out, or send plain data instead of it.
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
  /** The part at fault, from the argument or the result on. */
  readonly path: string;

  constructor(message: string, options: { path: string; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.path = options.path;
  }
}

/**
 * The task module has no export of this name that is a function. `exports` lists its functions.
 * Next: correct the name, or export the function.
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
  /** The module in which the task was looked up. */
  readonly module: string;
  /** The name that was not found. */
  readonly task: string;
  /** Names of the functions that the module exports. */
  readonly exports: readonly string[];

  constructor(message: string, options: { module: string; task: string; exports: readonly string[] }) {
    super(message);
    this.module = options.module;
    this.task = options.task;
    this.exports = options.exports;
  }
}

/** The library's error classes by name. A received error gets its class from this table. */
export const errorClasses = {
  CancelledError,
  TimeoutError,
  WorkerDiedError,
  ActorDiedError,
  BrokenExecutorError,
  ExecutorShutdownError,
  QueueFullError,
  SerializationError,
  TaskNotFoundError,
} as const;

Object.defineProperty(RxFuturesError.prototype, errorBrand, { value: true });

// The name is set on the prototype, so that it survives minification and is not an own property.
for (const [name, type] of Object.entries(errorClasses)) {
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true });
}
