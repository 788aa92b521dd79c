/** Tasks as users see them: typed handles on functions that run on workers. */
import type { Future } from '../future/future.js';
import type { Step } from '../scheduling/job.js';
import type { Engine } from './engine.js';
import type { TaskOptions } from './task-options.js';

/** Arguments of a task: each one may also be a Future of it. The task then waits for it, without holding a worker. */
export type FutureArgs<A extends readonly unknown[]> = { [K in keyof A]: A[K] | Future<A[K]> };

/**
 * A function that runs on workers, bound to its executor. Call it, and you get a {@link Future}.
 *
 * ```ts
 * const { fetchPage, parse } = executor.tasks;
 * const page = fetchPage('https://example.org').pipe(chain(parse));   // Future<Page>
 * const urgent = fetchPage.with({ priority: 10 })('https://example.org/now');
 * ```
 */
export interface Task<A extends unknown[], R> {
  (...args: FutureArgs<A>): Future<R>;
  /** The same task with options applied to each call. */
  with(options: TaskOptions): Task<A, R>;
  /** Of the function. */
  readonly name: string;
}

/** A generator export: it yields many values, so a Future, which holds one, is not what it gives. */
export interface StreamTask<A extends unknown[], T> {
  with(options: TaskOptions): StreamTask<A, T>;
  readonly name: string;
  /** Only in the types: what it yields. */
  readonly yields?: T;
}

/** The handles for a module: one per exported function. */
export type Tasks<M extends object> = {
  readonly [K in keyof M as M[K] extends (...args: never[]) => unknown ? K : never]: TaskOf<M[K]>;
};

/** The handle for a function type. */
export type TaskOf<F> = F extends (...args: infer A) => infer R
  ? IsAnyOrNever<R> extends true
    ? Task<A, R>
    : [R] extends [Generator<infer Y> | AsyncGenerator<infer Y>]
      ? StreamTask<A, Y>
      : Task<A, Awaited<R>>
  : never;

/** Both extend everything, a generator too. */
type IsAnyOrNever<R> = 0 extends 1 & R ? true : [R] extends [never] ? true : false;

/** Names of a module's exports that can be submitted. */
export type TaskName<M extends object> = keyof Tasks<M> & string;

/** What stands behind a handle. */
export interface TaskInfo {
  readonly engine: Engine;
  readonly steps: readonly Step[];
  readonly name: string;
  readonly options: TaskOptions;
}

const info: unique symbol = Symbol.for('rx-futures.task') as never;

/** What a handle stands for; undefined for any other value. */
export function taskInfo(value: unknown): TaskInfo | undefined {
  return typeof value === 'function' ? (value as { [info]?: TaskInfo })[info] : undefined;
}

/** Makes the handle. */
export function makeTask(task: TaskInfo): Task<any[], any> {
  const handle = (...args: unknown[]) => task.engine.run(task, args, handle);
  Object.defineProperty(handle, 'name', { value: task.name });
  // Not enumerable: whoever prints a handle wants to see a function, not the executor behind it.
  Object.defineProperty(handle, info, { value: task });
  return Object.assign(handle, {
    with: (options: TaskOptions) => makeTask({ ...task, options: task.engine.merge(task.options, options) }),
  }) as unknown as Task<any[], any>;
}
