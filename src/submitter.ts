/**
 * The methods that submit tasks. An Executor and `executor.with(options)` share them, so they are
 * declared and implemented once, in this file.
 */
import {
  type FutureArgs,
  type ItemOf,
  makeTask,
  type StreamTask,
  type Task,
  type TaskName,
  type TaskOf,
  type Tasks,
  taskInfo,
} from './engine/handles/task.js';
import type { TaskFinder } from './engine/handles/task-finder.js';
import { makeTasks } from './engine/handles/task-handles.js';
import type { TaskInfo } from './engine/handles/task-info.js';
import type { TaskOptions } from './engine/handles/task-options.js';
import { isArrayCallback, warnWholeArray } from './engine/handles/whole-array.js';
import { type MapInput, type MapOptions, type Mapped, mapStream } from './engine/map.js';
import { taskStream } from './engine/task-stream.js';
import type { Future } from './future/future.js';
import type { ResultStream } from './stream/result-stream.js';

type FirstArgument<F> = F extends (...args: infer A) => unknown ? A[0] : never;

/** The methods that an Executor and `executor.with(options)` share. */
export interface Submitter<M extends object> {
  /**
   * Typed handles, one for each exported function of the task module.
   *
   * @throws TypeError if a handle is read and the executor has no task module
   */
  readonly tasks: Tasks<M>;

  /**
   * Runs a task: a handle, the name of an export, or a self-contained function.
   *
   * Use it for one call with one result. Arguments are copied by this call (or moved, with
   * `transfer`), so the task does not see later changes to them. An argument may also be a Future.
   * The task then waits for its value, and is rejected if that future is rejected.
   *
   * ```ts
   * console.log(await executor.submit('square', 3));
   * console.log(await executor.submit((a: number, b: number) => a + b, 1, 2));
   * // Output:
   * // 9
   * // 3
   * ```
   *
   * Only the errors below are thrown. All other errors reject the future, for example an argument
   * that can't be sent.
   *
   * @throws TypeError if `task` is not a task, or if a Shared or a stream can't be passed: one of
   *   another executor, inside another value, or to a queue, for example
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more tasks
   * @see {@link Submitter.stream} for many values, {@link Submitter.map} for many inputs
   */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): Future<R>;
  submit<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): TaskOf<M[K]> extends Task<any, infer R> ? Future<R> : never;
  submit<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): Future<Awaited<R>>;

  /**
   * Returns every value that a task yields, as an Observable that can also be iterated with
   * `for await`. If the task yields nothing, the stream emits its one result.
   *
   * Use it if a task yields many values, or must stop when its reader leaves, for example inside
   * `switchMap`.
   *
   * ```ts
   * for await (const n of executor.stream('count', 1_000_000)) {
   *   console.log(n);
   *   if (n === 2) break;
   * }
   * // Output:
   * // 1
   * // 2
   * ```
   *
   * The stream is cold: the task runs once for each subscriber and each `for await`, with the
   * arguments as they were at this call. The task is cancelled when the reader leaves.
   *
   * The task is at most `highWaterMark` ahead of its reader. Set the limit with
   * `with({ highWaterMark })`; the default is 1,024 values and 16 MiB. A task that has reached the
   * limit pauses, and its worker runs other tasks meanwhile. A subscriber reads each value as soon
   * as it arrives.
   *
   * All errors of the task end the stream, after the values that were emitted before them. A reader
   * of an executor that accepts no more tasks receives an ExecutorShutdownError or a
   * BrokenExecutorError.
   *
   * @throws TypeError if `task` is not a task, or if a Shared or a stream can't be passed: one of
   *   another executor, inside another value, or to a queue, for example
   * @see {@link Submitter.submit} for one result, {@link Submitter.map} for many inputs
   */
  stream<A extends unknown[], T>(task: StreamTask<A, T>, ...args: FutureArgs<A>): ResultStream<T>;
  stream<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  stream<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): ResultStream<M[K] extends (...args: never[]) => infer R ? ItemOf<R> : never>;
  stream<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): ResultStream<ItemOf<R>>;

  /**
   * Runs a task once for each input, and returns a stream of the results in the order of the
   * inputs. With `ordered: false` the results come in the order in which they finish.
   *
   * Use it for many inputs, including millions or an infinite source. Inputs are pulled only while
   * there is room, so a million inputs take no more memory than a few thousand. An input that is a
   * promise or a Future is awaited. If it is rejected, its item fails with the same reason.
   *
   * ```ts
   * for await (const n of executor.map(square, [1, 2, 3])) console.log(n);
   * executor.map(fail, ['odd'], { settle: true }).subscribe(({ status }) => console.log(status));
   * // Output:
   * // 1
   * // 4
   * // 9
   * // rejected
   * ```
   *
   * The first failure ends the stream, after the results before it, and cancels the remaining
   * tasks. With `settle` the stream emits an Outcome for each input instead.
   *
   * If the reader leaves, the tasks that were started are cancelled and the input's `return()` is
   * called.
   *
   * Holds at most `concurrency` inputs. The limit includes inputs whose results wait behind a
   * slower one, or wait for a `for await` to read them. An Observable can't be paused: items beyond
   * the limit are buffered here.
   *
   * A reader of an executor that accepts no more tasks receives an ExecutorShutdownError or a
   * BrokenExecutorError.
   *
   * @throws TypeError if `task` is not a task, `inputs` is not a source of inputs, or an option
   *   has the wrong type. Also for the option `key` on a queue, or with a method of an actor
   * @throws RangeError if an option is out of range
   * @see {@link Submitter.submit} for one input, {@link Submitter.stream} for many values of one
   *   task
   */
  map<A, R, O extends MapOptions = {}>(
    task: Task<[A], R>,
    inputs: MapInput<A>,
    options?: O & MapOptions<A>,
  ): ResultStream<Mapped<R, O>>;
  map<K extends TaskName<M>, O extends MapOptions = {}>(
    task: K,
    inputs: MapInput<FirstArgument<M[K]>>,
    options?: O & MapOptions<FirstArgument<M[K]>>,
  ): TaskOf<M[K]> extends Task<any, infer R> ? ResultStream<Mapped<R, O>> : never;
  map<A, R, O extends MapOptions = {}>(
    task: (input: A) => R,
    inputs: MapInput<A>,
    options?: O & MapOptions<A>,
  ): ResultStream<Mapped<Awaited<R>, O>>;

  /**
   * Returns an executor whose methods apply these options to each task.
   *
   * @throws TypeError if an option is unknown or has the wrong type. Also for the option `key` on a
   *   queue
   * @throws RangeError if a number is out of range
   */
  with(options: TaskOptions): BoundExecutor<M>;
}

/**
 * An executor with options that apply to each task. It shares everything else with the executor
 * that made it.
 *
 * ```ts
 * const careful = executor.with({ timeout: 1_000, retry: 2 });
 * console.log(await careful.tasks.square(3));
 * // Output:
 * // 9
 * ```
 */
export type BoundExecutor<M extends object = {}> = Submitter<M>;

/** Implements {@link Submitter}. The types are `any` here, because the interface declares them. */
class Bound<M extends object> implements Submitter<M> {
  readonly tasks: Tasks<M>;
  readonly #finder: TaskFinder;

  constructor(finder: TaskFinder) {
    this.#finder = finder;
    this.tasks = makeTasks(finder.engine.name, (name) => makeTask(finder.named(name)));
  }

  submit(task: any, ...args: any[]): any {
    const info = this.#finder.find(task, 'submit(task)');
    if (isArrayCallback(args)) warnWholeArray(warningKey(task, info), callOf('submit', task, info), args);
    return info.engine.run(info, args);
  }

  stream(task: any, ...args: any[]): any {
    const info = this.#finder.find(task, 'stream(task)');
    if (isArrayCallback(args)) warnWholeArray(warningKey(task, info), callOf('stream', task, info), args);
    return taskStream(info.engine, info, args);
  }

  map(task: any, inputs: any, options?: MapOptions): any {
    return mapStream(this.#finder.engine, this.#finder.find(task, 'map(task, inputs)'), inputs, options);
  }

  with(options: TaskOptions): BoundExecutor<M> {
    return new Bound<M>(this.#finder.with(options));
  }

  toString(): string {
    if (!(#finder in this)) return 'BoundExecutor {}';
    const { engine, options } = this.#finder;
    const names = Object.keys(options).map((name) => `, ${name}`);
    return `BoundExecutor { ${engine.name}, ${engine.life.state}${names.join('')} }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  toJSON() {
    const { engine, options } = this.#finder;
    return { name: engine.name, state: engine.life.state, options: Object.keys(options) };
  }
}

/**
 * The base class of Executor. Its type is the interface. An Executor thus inherits the overloads of
 * the methods, and its public type has no finder.
 */
export const SubmitterBase = Bound as new <M extends object>(finder: object) => Submitter<M>;

/**
 * The object that a warning is emitted once for: the task handle, or the step of a submitted
 * function.
 */
function warningKey(task: unknown, info: TaskInfo): object {
  return taskInfo(task) ?? info.steps[0]!;
}

/** The start of a call as the program writes it, such as `executor.submit('parse', `. */
function callOf(method: 'submit' | 'stream', task: unknown, info: TaskInfo): string {
  return `executor.${method}(${typeof task === 'string' ? `'${task}'` : info.name}, `;
}
