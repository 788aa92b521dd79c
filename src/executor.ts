/**
 * The Executor: the public class that submits tasks. It checks arguments and forwards each call to
 * its engine.
 */
import type { Observable } from 'rxjs';
import { runtimes } from '#runtimes';
import { Engine } from './engine/engine.js';
import { exportStep, sourceStep } from './engine/handles/step.js';
import {
  type FutureArgs,
  type ItemOf,
  makeTask,
  type StreamTask,
  type Task,
  type TaskInfo,
  type TaskName,
  type TaskOf,
  type Tasks,
  taskInfo,
  withDefaults,
} from './engine/handles/task.js';
import { makeHandles } from './engine/handles/task-handles.js';
import { checkTaskOptions, type TaskOptions } from './engine/handles/task-options.js';
import { isArrayCallback, warnWholeArray } from './engine/handles/whole-array.js';
import type { ExecutorState } from './engine/life-cycle/life-cycle.js';
import { type MapInput, type MapOptions, type Mapped, mapStream } from './engine/map.js';
import type { ExecutorEvent } from './engine/observe/events.js';
import { type ExecutorStats, statsOf } from './engine/observe/stats.js';
import { taskStream } from './engine/task-stream.js';
import type { Future } from './future/future.js';
import type { ExecutorOptions } from './options/executor-options.js';
import { resolveOptions } from './options/resolve.js';
import type { Step } from './scheduling/job.js';
import type { ResultStream } from './stream/result-stream.js';
import { boolean, show, validate } from './util/validate.js';

type FirstArgument<F> = F extends (...args: infer A) => unknown ? A[0] : never;

/** The methods that an Executor and `executor.with(options)` share. */
export interface Submitter<M extends object> {
  /** Typed handles, one for each exported function of the task module. */
  readonly tasks: Tasks<M>;
  /** Runs a task of this executor. */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): Future<R>;
  /** Runs an export of the task module, by name. */
  submit<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): TaskOf<M[K]> extends Task<any, infer R> ? Future<R> : never;
  /**
   * Runs a self-contained function. The function is sent to the worker as source text, so it can
   * use only its arguments and globals.
   */
  submit<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): Future<Awaited<R>>;
  /**
   * Returns a stream of the values that a task yields, or of its one result. The task runs once for
   * each reader, and is cancelled when that reader leaves.
   */
  stream<A extends unknown[], T>(task: StreamTask<A, T>, ...args: FutureArgs<A>): ResultStream<T>;
  stream<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  stream<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): ResultStream<M[K] extends (...args: never[]) => infer R ? ItemOf<R> : never>;
  stream<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  /**
   * Returns a stream of a task's results for many inputs. Inputs are pulled only while there is
   * room for them.
   */
  map<A, R, O extends MapOptions = {}>(
    task: Task<[A], R>,
    inputs: MapInput<A>,
    options?: O,
  ): ResultStream<Mapped<R, O>>;
  map<K extends TaskName<M>, O extends MapOptions = {}>(
    task: K,
    inputs: MapInput<FirstArgument<M[K]>>,
    options?: O,
  ): TaskOf<M[K]> extends Task<any, infer R> ? ResultStream<Mapped<R, O>> : never;
  map<A, R, O extends MapOptions = {}>(
    task: (input: A) => R,
    inputs: MapInput<A>,
    options?: O,
  ): ResultStream<Mapped<Awaited<R>, O>>;
  /** Returns the same methods, with these options applied to each task. */
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

/**
 * Runs tasks on worker threads.
 *
 * Use it for work that would block this thread, and for work that needs several processors.
 *
 * ```ts
 * import { chain, Executor } from 'rx-futures';
 *
 * await using executor = new Executor<typeof import('./tasks.js')>({ tasks: new URL('./tasks.js', import.meta.url) });
 * const { fetchPage, parse, save } = executor.tasks;
 * console.log(await fetchPage('data:,<h1>Tea</h1>').pipe(chain(parse), chain(save)));
 * // Output:
 * // saved Tea
 * ```
 *
 * Workers start when there is work for them, at most `maxWorkers`. A worker ends after
 * `idleTimeout` ms without work. Pending work keeps the process alive. An idle executor does not
 * keep the process alive, with or without `shutdown()`.
 *
 * @throws TypeError if an option is unknown or has the wrong type
 * @throws RangeError if a number is out of range. Each error names the option.
 */
export class Executor<M extends object = {}> implements Submitter<M>, AsyncDisposable {
  /** Typed handles, one for each exported function of the task module. */
  readonly tasks: Tasks<M>;
  readonly #engine: Engine;
  readonly #bound: Bound<M>;

  constructor(options: ExecutorOptions = {}) {
    const resolved = resolveOptions(options, runtimes);
    this.#engine = new Engine(resolved);
    const hasModule = resolved.config.module !== undefined || !this.#engine.traits.sendsFunctions;
    this.#bound = new Bound(this.#engine, hasModule, new Map(), {});
    this.tasks = this.#bound.tasks;
  }

  /**
   * The state of the executor. It is `open`, then `draining` after `shutdown()` was called, then
   * `closed`. It is `broken` if no worker can be started.
   */
  get state(): ExecutorState {
    return this.#engine.life.state;
  }

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
   * @throws TypeError if `task` is not a task
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more tasks
   * @see {@link Executor.stream} for many values, {@link Executor.map} for many inputs
   */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): Future<R>;
  submit<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): TaskOf<M[K]> extends Task<any, infer R> ? Future<R> : never;
  submit<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): Future<Awaited<R>>;
  submit(task: any, ...args: any[]): any {
    return this.#bound.submit(task, ...args);
  }

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
   * The task is at most `highWaterMark` values ahead of its reader. Set the limit with
   * `with({ highWaterMark })`; the default is 1,024. A task that has reached the limit pauses, and
   * its worker runs other tasks meanwhile. A subscriber reads each value as soon as it arrives.
   *
   * All errors of the task end the stream, after the values that were emitted before them.
   *
   * @throws TypeError if `task` is not a task
   * @see {@link Executor.submit} for one result, {@link Executor.map} for many inputs
   */
  stream<A extends unknown[], T>(task: StreamTask<A, T>, ...args: FutureArgs<A>): ResultStream<T>;
  stream<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  stream<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): ResultStream<M[K] extends (...args: never[]) => infer R ? ItemOf<R> : never>;
  stream<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  stream(task: any, ...args: any[]): any {
    return this.#bound.stream(task, ...args);
  }

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
   * @throws TypeError if `task` is not a task, `inputs` is not a source of inputs, or an option
   *   has the wrong type
   * @throws RangeError if an option is out of range
   * @see {@link Executor.submit} for one input, {@link Executor.stream} for many values of one
   *   task
   */
  map<A, R, O extends MapOptions = {}>(
    task: Task<[A], R>,
    inputs: MapInput<A>,
    options?: O,
  ): ResultStream<Mapped<R, O>>;
  map<K extends TaskName<M>, O extends MapOptions = {}>(
    task: K,
    inputs: MapInput<FirstArgument<M[K]>>,
    options?: O,
  ): TaskOf<M[K]> extends Task<any, infer R> ? ResultStream<Mapped<R, O>> : never;
  map<A, R, O extends MapOptions = {}>(
    task: (input: A) => R,
    inputs: MapInput<A>,
    options?: O,
  ): ResultStream<Mapped<Awaited<R>, O>>;
  map(task: any, inputs: any, options?: MapOptions): any {
    return this.#bound.map(task, inputs, options);
  }

  /** Returns an executor whose methods apply these options to each task. */
  with(options: TaskOptions): BoundExecutor<M> {
    return this.#bound.with(options);
  }

  /**
   * Returns a future of a task that was submitted earlier to the same queue, by this or another
   * process.
   *
   * `id` is the id of the task's future. For a chain, use the id of any of its futures, including
   * the last.
   *
   * ```ts no-run: it needs Redis
   * const { id } = fetchPage('http://localhost:8080').pipe(chain(parse), chain(save)); // kept in a database, say
   * console.log(await executor.attach<string>(id)); // days later, in another process
   * // Output:
   * // saved Tea
   * ```
   *
   * Cancelling the future cancels the task. The future is rejected if the queue does not know the
   * id: no such task was submitted, or its result has expired (`keepResults`).
   *
   * @throws TypeError if the backend is not a queue (see `rx-futures/bullmq`)
   * @throws RangeError if `id` is not a positive integer
   */
  attach<R = unknown>(id: number): Future<R> {
    if (this.#engine.traits.nextId === undefined) {
      throw new TypeError(
        `attach(${id}): executor "${this.#engine.name}" has no queue, so its tasks end with this process. Use a queue backend, such as bullmqBackend() from "rx-futures/bullmq".`,
      );
    }
    if (!Number.isSafeInteger(id) || id < 1) {
      throw new RangeError(`attach(id): expected the id of a future, an integer of 1 or more, got ${show(id)}`);
    }
    return this.#engine.attach(id);
  }

  /**
   * Emits an event for each change in the life of a task or worker. Completes when the executor has
   * closed. Without a subscriber, events cost nothing.
   *
   * ```ts
   * executor.events.subscribe((event) => {
   *   if (event.type === 'task-settled') console.log(event.name, event.status);
   * });
   * await square(3);
   * // Output:
   * // square fulfilled
   * ```
   */
  get events(): Observable<ExecutorEvent> {
    return this.#engine.events.events;
  }

  /**
   * Returns a snapshot of the pending tasks, the finished tasks and the workers.
   *
   * ```ts
   * await all([square(2), square(3)]);
   * const { submitted, fulfilled } = executor.stats();
   * console.log(submitted, fulfilled);
   * // Output:
   * // 2 2
   * ```
   */
  stats(): ExecutorStats {
    return statsOf(this.#engine);
  }

  /**
   * Resolves when `minWorkers` workers, and at least one, have started and finished their
   * initializer. Call it to warm up the workers. Submitting a task does not require it.
   *
   * ```ts
   * await executor.ready();
   * console.log(executor.stats().workers.idle);
   * // Output:
   * // 1
   * ```
   *
   * @throws BrokenExecutorError (as a rejection) if no worker can be started, or if three starts
   *   in a row fail before `minWorkers` workers are up. In the second case the executor continues
   *   with the workers that did start.
   */
  ready(): Promise<void> {
    return this.#engine.life.ready();
  }

  /**
   * Stops accepting tasks, finishes every accepted task with its chains and callbacks, and then
   * ends the workers.
   *
   * With `cancelPending`, tasks that have not started are cancelled. A later call returns a promise
   * of the same shutdown. Any callback may call it. A chain step must not await it, because
   * shutdown waits for that step.
   *
   * ```ts
   * const future = square(3);
   * await executor.shutdown();
   * console.log(future.state, executor.state);
   * // Output:
   * // fulfilled closed
   * ```
   */
  shutdown(options: { cancelPending?: boolean } = {}): Promise<void> {
    validate('shutdown()', options, { cancelPending: boolean });
    return this.#engine.life.shutdown(options.cancelPending ?? false);
  }

  /**
   * Cancels every task at once and ends the workers, even if they are busy. Any callback may call
   * it.
   *
   * ```ts
   * const future = nap(60_000);
   * await executor.terminate();
   * console.log(future.state, executor.state);
   * // Output:
   * // cancelled closed
   * ```
   */
  terminate(): Promise<void> {
    return this.#engine.life.terminate();
  }

  /** Calls {@link Executor.shutdown}, so that `await using` shuts the executor down. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** Returns text such as `Executor { crawler, open, 3 pending }`. */
  toString(): string {
    // Debuggers and deep-clone functions call this on the prototype and on copies, which have no
    // engine.
    if (!(#engine in this)) return 'Executor {}';
    return `Executor { ${this.#engine.name}, ${this.state}, ${this.#engine.pending.count} pending }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Returns a summary for loggers. */
  toJSON(): { name: string; state: ExecutorState; pending: number } {
    return { name: this.#engine.name, state: this.state, pending: this.#engine.pending.count };
  }
}

class Bound<M extends object> implements Submitter<M> {
  readonly tasks: Tasks<M>;
  readonly #engine: Engine;
  readonly #hasModule: boolean;
  /**
   * Steps by export name. All bound executors of one executor share the map, so that a function
   * always has the same key.
   */
  readonly #steps: Map<string, Step>;
  readonly #options: TaskOptions;

  constructor(engine: Engine, hasModule: boolean, steps: Map<string, Step>, options: TaskOptions) {
    this.#engine = engine;
    this.#hasModule = hasModule;
    this.#steps = steps;
    this.#options = options;
    this.tasks = makeHandles(engine.name, (name) => makeTask(this.#named(name)));
  }

  submit(task: any, ...args: any[]): any {
    const info = this.#info(task, 'submit(task)');
    if (isArrayCallback(args)) warnWholeArray(warningKey(task, info), callOf('submit', task, info), args);
    return this.#engine.run(info, args);
  }

  stream(task: any, ...args: any[]): any {
    const info = this.#info(task, 'stream(task)');
    if (isArrayCallback(args)) warnWholeArray(warningKey(task, info), callOf('stream', task, info), args);
    return taskStream(this.#engine, info, args);
  }

  map(task: any, inputs: any, options?: MapOptions): any {
    return mapStream(this.#engine, this.#info(task, 'map(task, inputs)'), inputs, options);
  }

  with(options: TaskOptions): BoundExecutor<M> {
    return new Bound<M>(this.#engine, this.#hasModule, this.#steps, {
      ...this.#options,
      ...checkTaskOptions(options, 'with(options)'),
    });
  }

  #info(task: unknown, where: string): TaskInfo {
    if (typeof task === 'string') return this.#named(task);
    const info = taskInfo(task);
    if (info !== undefined) {
      if (info.engine === this.#engine) return withDefaults(info, this.#options);
      throw new TypeError(
        `${where}: task "${info.name}" belongs to executor "${info.engine.name}", not to executor "${this.#engine.name}". Call the task directly, or use the handle in "tasks" of this executor.`,
      );
    }
    if (typeof task === 'function') {
      if (!this.#engine.traits.sendsFunctions) {
        throw new TypeError(
          `${where}: executor "${this.#engine.name}" uses a queue, which can't send functions. Export ${task.name === '' ? 'the function' : `"${task.name}"`} from the task module and submit it by name.`,
        );
      }
      const step = sourceStep(task);
      return { engine: this.#engine, steps: [step], name: step.name, options: this.#options };
    }
    throw new TypeError(
      `${where}: expected a task, the name of an export or a function, got ${task === null ? 'null' : typeof task}`,
    );
  }

  #named(name: string): TaskInfo {
    if (!this.#hasModule) {
      throw new TypeError(
        `Executor "${this.#engine.name}" has no task module, so it can't find the task "${name}". Set the "tasks" option: new Executor({ tasks: new URL('./tasks.js', import.meta.url) }).`,
      );
    }
    let step = this.#steps.get(name);
    if (step === undefined) {
      step = exportStep(name);
      this.#steps.set(name, step);
    }
    return { engine: this.#engine, steps: [step], name, options: this.#options };
  }

  toString(): string {
    if (!(#engine in this)) return 'BoundExecutor {}';
    const names = Object.keys(this.#options).map((name) => `, ${name}`);
    return `BoundExecutor { ${this.#engine.name}, ${this.#engine.life.state}${names.join('')} }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  toJSON() {
    return { name: this.#engine.name, state: this.#engine.life.state, options: Object.keys(this.#options) };
  }
}

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
