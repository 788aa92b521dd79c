/** The Executor: the front door. What it promises is kept by the engine behind it. */
import type { Observable } from 'rxjs';
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
import type { TaskOptions } from './engine/handles/task-options.js';
import { isArrayCallback, warnWholeArray } from './engine/handles/whole-array.js';
import type { ExecutorState } from './engine/life-cycle/life-cycle.js';
import { type MapInput, type MapOptions, type Mapped, mapStream } from './engine/map.js';
import type { ExecutorEvent } from './engine/observe/events.js';
import { type ExecutorStats, statsOf } from './engine/observe/stats.js';
import type { Future } from './future/future.js';
import { type ExecutorOptions, resolveOptions } from './options.js';
import type { Step } from './scheduling/job.js';
import type { ResultStream } from './stream/result-stream.js';
import { checkNames, show } from './util/validate.js';

type FirstArgument<F> = F extends (...args: infer A) => unknown ? A[0] : never;

/** What can be submitted: the ways in that an Executor and `executor.with(options)` share. */
export interface Submitter<M extends object> {
  /** Typed handles, one per exported function of the task module. */
  readonly tasks: Tasks<M>;
  /** Runs a task of this executor. */
  submit<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): Future<R>;
  /** Runs an export of the task module, by name. */
  submit<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): TaskOf<M[K]> extends Task<any, infer R> ? Future<R> : never;
  /** Runs a self-contained function: it is sent as text, so it sees its arguments and globals, and nothing around it. */
  submit<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): Future<Awaited<R>>;
  /** A stream of what a task yields, or of its one result; it runs for each reader, and is cancelled when the reader leaves. */
  stream<A extends unknown[], T>(task: StreamTask<A, T>, ...args: FutureArgs<A>): ResultStream<T>;
  stream<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  stream<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): ResultStream<M[K] extends (...args: never[]) => infer R ? ItemOf<R> : never>;
  stream<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): ResultStream<ItemOf<R>>;
  /** A stream of a task's results over many inputs, which are taken as there is room for them. */
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
  /** The same ways in with options applied to each task. */
  with(options: TaskOptions): BoundExecutor<M>;
}

/**
 * An executor with options for each task; shares everything else with the executor that it comes from.
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
 * Workers start when there is work for them, up to `maxWorkers`, and end after `idleTimeout` ms without. Pending work keeps the process
 * alive; an idle executor does not, with or without `shutdown()`.
 *
 * @throws TypeError, RangeError for wrong options, each naming the option
 */
export class Executor<M extends object = {}> implements Submitter<M>, AsyncDisposable {
  readonly tasks: Tasks<M>;
  readonly #engine: Engine;
  readonly #bound: Bound<M>;

  constructor(options: ExecutorOptions = {}) {
    const resolved = resolveOptions(options);
    this.#engine = new Engine(resolved);
    const hasModule = resolved.config.module !== undefined || this.#engine.isQueue;
    this.#bound = new Bound(this.#engine, hasModule, new Map(), {});
    this.tasks = this.#bound.tasks;
  }

  /** `open` → `draining` (shutdown was called) → `closed`; or `broken`: no worker can be started. */
  get state(): ExecutorState {
    return this.#engine.life.state;
  }

  /**
   * Runs a task: a handle, the name of an export, or a self-contained function. Arguments are taken now: what the caller does to them later
   * the task does not see. An argument may also be a Future; the task waits for it, and fails with it.
   *
   * ```ts
   * console.log(await executor.submit('square', 3));
   * console.log(await executor.submit((a: number, b: number) => a + b, 1, 2));
   * // Output:
   * // 9
   * // 3
   * ```
   *
   * @throws TypeError for what is no task; ExecutorShutdownError or BrokenExecutorError where no more work is taken. Everything else,
   *   an argument that can't be sent included, arrives through the future.
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
   * Every value that a task yields, as an Observable that can also be iterated; of a task that yields nothing, its one result. Cold: the task runs
   * for each subscriber and each `for await`, with the arguments as they are now, and is cancelled when the reader leaves.
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
   * The task is never more than `highWaterMark` values ahead of its reader (`with({ highWaterMark })`, by default 1,024): it pauses,
   * and its worker does other work meanwhile. A subscriber is as fast as the values come.
   *
   * @throws TypeError for what is no task. Everything else arrives through the stream, values that were given before an error first.
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
   * The results of a task over many inputs, in their order (`ordered: false`: as they come). Inputs may have no end: they are pulled only as
   * there is room, so a million of them take no more memory than a few thousand. An input that is a promise or a Future is awaited; if it is rejected,
   * its item fails with that reason.
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
   * The first failure ends it, after the results before it, and cancels the rest; with `settle` each input gives an Outcome instead. Leaving it
   * cancels what it has started, and leaves the input (its `return()` is called). An Observable can't be asked to wait: what it emits
   * beyond the room is kept here until its turn.
   *
   * Holds `concurrency` inputs at most, those included that wait behind a slow one for their turn, or for a `for await` to read them.
   *
   * @throws TypeError, RangeError for what is no task, no input, or an option out of range. Everything else arrives through the stream.
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

  with(options: TaskOptions): BoundExecutor<M> {
    return this.#bound.with(options);
  }

  /**
   * A future of a task that was submitted before, by this or another process, to the same queue: `id` is that of its future, of the last one
   * of a chain as well. Cancelling it cancels the task.
   *
   * ```ts no-run: it needs Redis
   * const { id } = fetchPage('http://localhost:8080').pipe(chain(parse), chain(save)); // kept in a database, say
   * console.log(await executor.attach<string>(id)); // days later, in another process
   * // Output:
   * // saved Tea
   * ```
   *
   * Rejected where the queue knows no such id: it was never submitted, or its result has expired (`keepResults`).
   *
   * @throws TypeError where the backend is no queue (see `rx-futures/bullmq`), RangeError for what is no id
   */
  attach<R = unknown>(id: number): Future<R> {
    if (!this.#engine.isQueue) {
      throw new TypeError(
        `attach(${id}): the tasks of the executor ${this.#engine.name} live and die with this process. Futures can be found again on a queue: see rx-futures/bullmq.`,
      );
    }
    if (!Number.isSafeInteger(id) || id < 1) {
      throw new RangeError(`attach(id): expected the id of a future, an integer, got ${show(id)}`);
    }
    return this.#engine.attach(id);
  }

  /**
   * What happens, as data; completes when the executor has closed. Costs nothing while nobody listens.
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
   * A snapshot: what is pending, how much was done, what the workers do.
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
   * Resolves when `minWorkers` workers, at least one, are up and their initializer is done. Call it to warm up; submitting does not need it.
   *
   * ```ts
   * await executor.ready();
   * console.log(executor.stats().workers.idle);
   * // Output:
   * // 1
   * ```
   *
   * @throws BrokenExecutorError (as a rejection) when none can be started, or fewer than `minWorkers` after three attempts in a row; the executor
   *   goes on with those that are up
   */
  ready(): Promise<void> {
    return this.#engine.life.ready();
  }

  /**
   * Takes nothing new, finishes everything that was accepted, chains and their callbacks included, and ends the workers. With
   * `cancelPending` what has not begun is cancelled. Calling it again waits for the same end.
   *
   * It may be called in any callback. A step of a chain must not wait for it, because it waits for that step.
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
    checkNames(options, ['cancelPending'], 'shutdown()');
    return this.#engine.life.shutdown(options.cancelPending ?? false);
  }

  /**
   * Cancels everything at once and ends the workers, whatever they do. It may be called in any callback.
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

  /** `await using` calls it: {@link Executor.shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** `Executor { crawler, open, 3 pending }` */
  toString(): string {
    // A prototype or a copy, as debuggers and deep-clone functions make them, has no engine.
    if (!(#engine in this)) return 'Executor {}';
    return `Executor { ${this.#engine.name}, ${this.state}, ${this.#engine.pending.count} pending }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** A summary, for loggers. */
  toJSON(): { name: string; state: ExecutorState; pending: number } {
    return { name: this.#engine.name, state: this.state, pending: this.#engine.pending.count };
  }
}

class Bound<M extends object> implements Submitter<M> {
  readonly tasks: Tasks<M>;
  readonly #engine: Engine;
  readonly #hasModule: boolean;
  /** By name; shared by all that is bound to one executor, so that a function has one key. */
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
    return this.#engine.stream(info, args);
  }

  map(task: any, inputs: any, options?: MapOptions): any {
    return mapStream(this.#engine, this.#info(task, 'map(task, inputs)'), inputs, options);
  }

  with(options: TaskOptions): BoundExecutor<M> {
    return new Bound<M>(this.#engine, this.#hasModule, this.#steps, this.#engine.merge(this.#options, options));
  }

  #info(task: unknown, where: string): TaskInfo {
    if (typeof task === 'string') return this.#named(task);
    const info = taskInfo(task);
    if (info !== undefined) {
      if (info.engine === this.#engine) return withDefaults(info, this.#options);
      throw new TypeError(
        `${where}: the task ${info.name} belongs to the executor ${info.engine.name}, not to ${this.#engine.name}. Call it directly, or take it from this executor's tasks.`,
      );
    }
    if (typeof task === 'function') {
      if (this.#engine.isQueue) {
        throw new TypeError(
          `${where}: the queue behind the executor ${this.#engine.name} runs exports of the task module that its workers serve, by name, and takes no code. Export ${task.name || 'the function'} from that module, and submit its name.`,
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
        `The executor ${this.#engine.name} has no task module to look ${name} up in. Name one: new Executor({ tasks: new URL('./tasks.js', import.meta.url) }).`,
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

/** What a warning is emitted once for: the handle, or the function that has none. */
function warningKey(task: unknown, info: TaskInfo): object {
  return taskInfo(task) ?? info.steps[0]!;
}

/** A call as the program writes it: `executor.submit('parse', `. */
function callOf(method: 'submit' | 'stream', task: unknown, info: TaskInfo): string {
  return `executor.${method}(${typeof task === 'string' ? `'${task}'` : info.name}, `;
}
