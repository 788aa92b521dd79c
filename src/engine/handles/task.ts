/** Tasks as users see them: typed handles for functions that run on workers. */
import type { Observable } from 'rxjs';
import type { Future } from '../../future/future.js';
import type { StreamInput } from '../../stream/input.js';
import type { ResultStream } from '../../stream/result-stream.js';
import { keepActor, refuseKeyOnQueue } from '../run/key.js';
import type { Shared } from '../sharing/shared.js';
import { taskStream } from '../task-stream.js';
import { printedAs, type ReservedName } from './task-handles.js';
import { type TaskInfo, withOptions } from './task-info.js';
import type { TaskOptions } from './task-options.js';
import { isArrayCallback, warnWholeArray } from './whole-array.js';

/**
 * The arguments of a task. Each argument may also be a Future of the value. The task then waits for
 * the future and does not occupy a worker meanwhile. Or it is a Shared of the value, which each
 * worker receives once. For a parameter of type AsyncIterable, it may be any stream.
 */
export type FutureArgs<A extends readonly unknown[]> = {
  [K in keyof A]: A[K] | Future<A[K]> | Shared<A[K]> | StreamFor<A[K]>;
};

/** The streams that may be passed for a parameter: any stream for an AsyncIterable, else none. */
export type StreamFor<P> =
  P extends AsyncIterable<infer T> ? (AsyncIterable<T> extends P ? StreamInput<T> : never) : never;

/**
 * A function that runs on workers, bound to its executor. A call returns a {@link Future}.
 *
 * ```ts
 * const { fetchPage, parse, square } = executor.tasks;
 * const page = fetchPage('data:,<h1>Tea</h1>').pipe(chain(parse)); // Future<Page>
 * const urgent = square.with({ priority: 10 });
 * console.log(await page, await urgent(3));
 * // Output:
 * // { title: 'Tea' } 9
 * ```
 */
export interface Task<A extends unknown[], R> {
  /**
   * Runs the task, as `executor.submit` does. The arguments are copied by this call.
   *
   * All errors but those below reject the future.
   *
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more tasks
   * @throws TypeError if a Shared or a stream can't be passed, for example inside another value
   */
  (...args: FutureArgs<A>): Future<R>;
  /**
   * Returns a cold stream of the task. The task runs once for each subscriber, and is cancelled
   * when the subscriber leaves. The stream emits the one result, or the yielded values if the
   * result is an async iterable. Use it with `switchMap` and similar operators:
   *
   * ```ts
   * import { of, switchMap } from 'rxjs';
   *
   * of(60_000, 100) // the second value cancels the run of the first one
   *   .pipe(switchMap((ms) => nap.stream(ms)))
   *   .subscribe((ms) => console.log(ms));
   * // Output:
   * // 100
   * ```
   *
   * @throws TypeError if a Shared or a stream can't be passed, for example inside another value
   */
  stream(...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  /**
   * Returns the same task with `options` applied to each call.
   * @throws TypeError or RangeError if an option is wrong, or if `key` is set on a queue or for a
   *   method of an actor
   */
  with(options: TaskOptions): Task<A, R>;
  /** The name of the function. */
  readonly name: string;
}

/**
 * A task that emits many values: a generator function, an async generator function, or a function
 * that returns an Observable. A Future holds one value, so such a task has `stream` and can't be
 * called.
 *
 * ```ts
 * // tasks.ts: export function* count(to: number) { for (let n = 1; n <= to; n++) yield n; }
 * for await (const n of executor.tasks.count.stream(3)) console.log(n);
 * // Output:
 * // 1
 * // 2
 * // 3
 * ```
 */
export interface StreamTask<A extends unknown[], T> {
  /**
   * Returns a stream of the values that the task yields. The task runs once for each subscriber and
   * each `for await`, with the arguments as they are at this call.
   *
   * The generator runs at the reader's pace. It is never more than `highWaterMark` ahead
   * (`with({ highWaterMark: 16 })`, by default 1,024 values and 16 MiB), and its worker runs other
   * tasks while it waits.
   *
   * If the reader leaves, `currentTask().signal` aborts and the generator returns, so that its
   * `finally` blocks run. If the task fails, the values emitted before the error are still
   * delivered.
   *
   * @throws TypeError if a Shared or a stream can't be passed, for example inside another value
   */
  stream(...args: FutureArgs<A>): ResultStream<T>;
  /**
   * Returns the same task with `options` applied to each stream.
   * @throws TypeError or RangeError if an option is wrong, or if `key` is set on a queue or for a
   *   method of an actor
   */
  with(options: TaskOptions): StreamTask<A, T>;
  /** The name of the function. */
  readonly name: string;
}

/**
 * The handles of a module: one for each exported function. Names that JavaScript and tools call on
 * any object (`then`, `toString`, `toJSON` …) have no handle. Submit an export of such a name with
 * `executor.submit(name)`.
 */
export type Tasks<M extends object> = {
  readonly [K in keyof M as K extends ReservedName ? never : ExportedFunction<M, K>]: TaskOf<M[K]>;
};

/** The type of the handle for a function type. */
export type TaskOf<F> = F extends (...args: infer A) => infer R
  ? IsAnyOrNever<Awaited<R>> extends true
    ? Task<A, Awaited<R>>
    : [Awaited<R>] extends [Many<infer Y>]
      ? StreamTask<A, Y>
      : Task<A, Awaited<R>>
  : never;

/** Results that a Future can't hold, because they are many values. */
type Many<Y> = IterableIterator<Y> | AsyncIterableIterator<Y> | Observable<Y>;

/** The type of the values that a stream emits, for a task with this result. */
export type ItemOf<R> =
  IsAnyOrNever<Awaited<R>> extends true
    ? any
    : [Awaited<R>] extends [Many<infer Y> | AsyncIterable<infer Y>]
      ? Y
      : Awaited<R>;

/** Whether the type is `any` or `never`. Both extend every type, including generators. */
type IsAnyOrNever<R> = 0 extends 1 & R ? true : [R] extends [never] ? true : false;

/** The names of a module's exports that can be submitted. */
export type TaskName<M extends object> = keyof { [K in keyof M as ExportedFunction<M, K>]: never } & string;

/** `K` if the module exports a function named `K`, else `never`. */
type ExportedFunction<M, K extends keyof M> = M[K] extends (...args: never[]) => unknown ? K : never;

const info: unique symbol = Symbol.for('rx-futures.task') as never;

/** Returns the data behind a task handle; undefined for any other value. */
export function taskInfo(value: unknown): TaskInfo | undefined {
  return typeof value === 'function' ? (value as { [info]?: () => TaskInfo })[info]?.() : undefined;
}

/**
 * Creates a task handle.
 *
 * @param name the name of the handle; a pipeline of several runs has a longer name than its first
 *   run
 */
export function makeTask(task: TaskInfo, name = task.name): Task<any[], any> {
  // A program may make a handle for each call, as in with({ key: user.id }). A computed key names
  // the function, and plain assignments add its members: both take a fraction of the time of
  // Object.defineProperty and Object.assign.
  const handle = {
    [name]: (...args: unknown[]) => {
      if (isArrayCallback(args)) warnWholeArray(task, `${name}(`, args);
      return task.engine.run(task, args, handle);
    },
  }[name] as unknown as Task<any[], any> & { [info]: () => TaskInfo };
  Object.setPrototypeOf(handle, printable);
  // Tools that print all properties of the handle see a function, and not the executor.
  handle[info] = () => task;
  handle.stream = (...args: unknown[]) => {
    if (isArrayCallback(args)) warnWholeArray(task, `${name}.stream(`, args);
    return taskStream(task.engine, task, args);
  };
  handle.with = (options: TaskOptions) => {
    refuseKeyOnQueue(task.engine, options, 'with(options)');
    return makeTask(withOptions(task, keepActor(task, options, 'with(options)')), name);
  };
  return handle;
}

const printable = printedAs('Task');
