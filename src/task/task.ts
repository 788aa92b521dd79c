/** Tasks as users see them: typed handles on functions that run on workers. */
import type { Observable } from 'rxjs';
import type { Future } from '../future/future.js';
import type { Step } from '../scheduling/job.js';
import type { ResultStream } from '../stream/result-stream.js';
import type { Engine } from './engine.js';
import type { ReservedName } from './handles.js';
import { areOfOneRun, checkTaskOptions, type TaskOptions } from './task-options.js';
import { isArrayCallback, warnWholeArray } from './whole-array.js';

/** Arguments of a task: each one may also be a Future of it. The task then waits for it, without holding a worker. */
export type FutureArgs<A extends readonly unknown[]> = { [K in keyof A]: A[K] | Future<A[K]> };

/**
 * A function that runs on workers, bound to its executor. Call it, and you get a {@link Future}.
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
  (...args: FutureArgs<A>): Future<R>;
  /**
   * The same task, cold: it runs for each subscriber, gives its one result (or, of an async iterable, what it yields), and is cancelled
   * when the subscriber leaves. What `switchMap` and its like need:
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
   */
  stream(...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  /** The same task with options applied to each call. */
  with(options: TaskOptions): Task<A, R>;
  /** Of the function. */
  readonly name: string;
}

/**
 * A task that gives many values: a generator or async generator function, or one that returns an Observable. A Future holds one value, so it is
 * not called but streamed.
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
   * A stream of what it yields. It runs anew for each subscriber and each `for await`, with the arguments as they are now, at the reader's
   * pace: the generator is never more than `highWaterMark` values ahead (`with({ highWaterMark: 16 })`; by default 1,024), and while it waits
   * its worker is free for other tasks. A reader who leaves aborts `currentTask().signal` and makes the generator return, so that its
   * `finally` runs. What was given before an error is kept.
   */
  stream(...args: FutureArgs<A>): ResultStream<T>;
  /** The same task with options applied to each stream. */
  with(options: TaskOptions): StreamTask<A, T>;
  readonly name: string;
}

/**
 * The handles for a module: one per exported function. Names that JavaScript and tools call on any object (`then`, `toString`, `toJSON` …) have
 * no handle: submit such an export by name.
 */
export type Tasks<M extends object> = {
  readonly [K in keyof M as K extends ReservedName ? never : ExportedFunction<M, K>]: TaskOf<M[K]>;
};

/** The handle for a function type. */
export type TaskOf<F> = F extends (...args: infer A) => infer R
  ? IsAnyOrNever<Awaited<R>> extends true
    ? Task<A, Awaited<R>>
    : [Awaited<R>] extends [Many<infer Y>]
      ? StreamTask<A, Y>
      : Task<A, Awaited<R>>
  : never;

/** Results that no Future can hold. */
type Many<Y> = IterableIterator<Y> | AsyncIterableIterator<Y> | Observable<Y>;

/** What a stream of a task with this result gives. */
export type ItemOf<R> =
  IsAnyOrNever<Awaited<R>> extends true
    ? any
    : [Awaited<R>] extends [Many<infer Y> | AsyncIterable<infer Y>]
      ? Y
      : Awaited<R>;

/** Both extend everything, a generator too. */
type IsAnyOrNever<R> = 0 extends 1 & R ? true : [R] extends [never] ? true : false;

/** Names of a module's exports that can be submitted. */
export type TaskName<M extends object> = keyof { [K in keyof M as ExportedFunction<M, K>]: never } & string;

/** `K` if the module exports a function under this name. */
type ExportedFunction<M, K extends keyof M> = M[K] extends (...args: never[]) => unknown ? K : never;

/** What stands behind a handle. */
export interface TaskInfo {
  readonly engine: Engine;
  readonly steps: readonly Step[];
  readonly name: string;
  readonly options: TaskOptions;
  /** Runs that follow, each on the value of the one before: steps of a pipeline that cannot share the run of its first step. */
  readonly more?: readonly TaskInfo[];
  /** Given where the run was numbered and begun elsewhere. */
  readonly id?: number;
  readonly attempt?: number;
}

const info: unique symbol = Symbol.for('rx-futures.task') as never;

/** What a handle stands for; undefined for any other value. */
export function taskInfo(value: unknown): TaskInfo | undefined {
  return typeof value === 'function' ? (value as { [info]?: TaskInfo })[info] : undefined;
}

/** Makes the handle. `name` is that of the handle; a pipeline of several runs has a longer one than its first run. */
export function makeTask(task: TaskInfo, name = task.name): Task<any[], any> {
  const handle = (...args: unknown[]) => {
    if (isArrayCallback(args)) warnWholeArray(task, `${name}(`, args);
    return task.engine.run(task, args, handle);
  };
  Object.defineProperty(handle, 'name', { value: name });
  // Not enumerable: whoever prints a handle wants to see a function, not the executor behind it.
  Object.defineProperty(handle, info, { value: task });
  Object.setPrototypeOf(handle, printable);
  return Object.assign(handle, {
    stream: (...args: unknown[]) => {
      if (isArrayCallback(args)) warnWholeArray(task, `${name}.stream(`, args);
      return task.engine.stream(task, args);
    },
    with: (options: TaskOptions) => makeTask(withOptions(task, options), name),
  }) as unknown as Task<any[], any>;
}

/** The prototype of handles, so that a handle prints as `Task { parse }`, and not as the library's source. */
const printable = Object.create(Function.prototype, {
  toString: { value: summaryOf },
  toJSON: { value: nameOf },
  [Symbol.for('nodejs.util.inspect.custom')]: { value: summaryOf },
});

function summaryOf(this: Function): string {
  return `Task { ${this.name} }`;
}

function nameOf(this: Function): { name: string } {
  return { name: this.name };
}

/** The task with options applied. In a pipeline of several runs they apply to each run; a run keeps its own `timeout` and `retry`. */
function withOptions(task: TaskInfo, options: TaskOptions): TaskInfo {
  const added = checkTaskOptions(options, 'with(options)');
  if (task.more === undefined) return { ...task, options: { ...task.options, ...added } };
  const apply = (run: TaskInfo): TaskInfo => {
    const { timeout = added.timeout, retry = added.retry } = run.options;
    return { ...run, options: { ...run.options, ...added, timeout, retry } };
  };
  return { ...apply(task), more: task.more.map(apply) };
}

/** The task with options for what it does not say itself. */
export function withDefaults(task: TaskInfo, defaults: TaskOptions): TaskInfo {
  const apply = (run: TaskInfo): TaskInfo => ({ ...run, options: { ...defaults, ...run.options } });
  return task.more === undefined ? apply(task) : { ...apply(task), more: task.more.map(apply) };
}

/** Whether the steps of two tasks can be one run. */
export function canJoin(a: TaskInfo, b: TaskInfo): boolean {
  if (a.engine !== b.engine || a.more !== undefined || b.more !== undefined) return false;
  const isSame = a.options.signal === b.options.signal && a.options.priority === b.options.priority;
  return isSame && !areOfOneRun(a.options) && !areOfOneRun(b.options);
}
