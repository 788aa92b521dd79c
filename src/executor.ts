/**
 * The Executor: the public class that submits tasks. submitter.ts has the methods that submit. This
 * file has the life of the executor: its state, its events and its end.
 *
 * This file is long because the TSDoc of each method has an example.
 */
import type { Observable } from 'rxjs';
import { runtimes } from '#runtimes';
import { type Actors, makeMakers } from './engine/actors/actor.js';
import { broadcast } from './engine/broadcast.js';
import { Engine } from './engine/engine.js';
import type { FutureArgs, Task, TaskName, TaskOf } from './engine/handles/task.js';
import { TaskFinder } from './engine/handles/task-finder.js';
import type { ExecutorState } from './engine/life-cycle/executor-state.js';
import type { ExecutorEvent } from './engine/observe/events.js';
import { type ExecutorStats, statsOf } from './engine/observe/stats.js';
import type { Tracer } from './engine/observe/tracer.js';
import type { Shareable, Shared } from './engine/sharing/shared.js';
import type { Future } from './future/future.js';
import type { ExecutorOptions } from './options/executor-options.js';
import { resolveOptions } from './options/resolve.js';
import { type Submitter, SubmitterBase } from './submitter.js';
import { boolean, ms, show, validate } from './util/validate.js';

/**
 * @internal Returns the engine of an executor, for a dashboard. Undefined for any other object.
 */
export let engineOf: (executor: object) => Engine | undefined;

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
export class Executor<M extends object = {}> extends SubmitterBase<M> implements Submitter<M>, AsyncDisposable {
  static {
    engineOf = (executor) => (#engine in executor ? executor.#engine : undefined);
  }

  /**
   * Makes actors: one maker for each exported class of the task module. An actor is an object of
   * the class that lives on one worker, and keeps its state between calls.
   *
   * Use it for what must stay in one place: a connection, a model in memory, a game, a session.
   *
   * ```ts
   * await using counter = executor.actors.Counter(10);
   * console.log(await counter.add(5), await counter.add(1));
   * // Output:
   * // 15 16
   * ```
   *
   * @throws TypeError if a maker is read and the executor has no task module
   * @see {@link Actor} for its calls and its end
   */
  readonly actors: Actors<M>;
  readonly #engine: Engine;
  readonly #finder: TaskFinder;

  constructor(options: ExecutorOptions = {}) {
    const resolved = resolveOptions(options, runtimes);
    const engine = new Engine(resolved);
    const hasModule =
      resolved.config.module !== undefined || options.worker !== undefined || !engine.traits.sendsFunctions;
    const finder = new TaskFinder(engine, hasModule);
    super(finder);
    this.#engine = engine;
    this.#finder = finder;
    this.actors = makeMakers(engine, (name) => void finder.named(name));
  }

  /**
   * The state of the executor. It is `open`, then `draining` after `shutdown()` was called, then
   * `closed`. All tasks of a closed executor have settled, but workers may still be ending. The
   * state is `broken` if no worker can be started.
   */
  get state(): ExecutorState {
    return this.#engine.life.state;
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
   * Cancelling the future cancels the task. If the queue does not know the id, the future is
   * rejected with a RangeError. No such task was submitted then, or its result has expired
   * (`keepResults`).
   *
   * @throws TypeError if the backend is not a queue (see `rx-futures/bullmq`)
   * @throws RangeError if `id` is not a positive integer
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more tasks
   */
  attach<R = unknown>(id: number): Future<R> {
    if (this.#engine.traits.nextId === undefined) {
      throw new TypeError(
        `attach(${id}): executor "${this.#engine.name}" has no queue, so its tasks end with this process. Create the executor with the backend of a queue.`,
      );
    }
    if (!Number.isSafeInteger(id) || id < 1) {
      throw new RangeError(
        `attach(id): expected the id of a future, an integer of 1 or more, got ${show(id)}. Pass the "id" of a future of this queue.`,
      );
    }
    return this.#engine.attach(id);
  }

  /**
   * Runs a task once on each worker that is up. Returns a future of the results, in no particular
   * order. If no worker is up, one is started and runs the task.
   *
   * Use it to change the state of all workers, such as a cache or a configuration. A worker that
   * starts later does not run the task, but the option `initializer` runs on each worker.
   *
   * ```ts
   * await executor.ready();
   * console.log(await executor.broadcast(square, 3));
   * // Output:
   * // [ 9 ]
   * ```
   *
   * The task waits on each worker for a free concurrency slot, before all tasks of the queue. A
   * worker that ends before the task started there is left out. If the task had started there, the
   * future is rejected with a WorkerDiedError. The first failure rejects the future, and the other
   * workers continue. A retry runs on the same worker. If that worker has ended, the failure
   * counts. Cancelling the future cancels the task on all workers. Each part counts as a task in
   * `stats()` and `events`.
   *
   * @throws TypeError if `task` is not a task, has a key, or is a method of an actor. Also if an
   *   argument is a stream or marked with `transfer()`, or if the executor uses a queue, whose
   *   workers belong to other processes
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more tasks
   */
  broadcast<A extends unknown[], R>(task: Task<A, R>, ...args: FutureArgs<A>): Future<R[]>;
  broadcast<K extends TaskName<M>>(
    task: K,
    ...args: FutureArgs<M[K] extends (...args: infer A) => unknown ? A : never>
  ): TaskOf<M[K]> extends Task<any, infer R> ? Future<R[]> : never;
  broadcast<A extends unknown[], R>(task: (...args: A) => R, ...args: FutureArgs<A>): Future<Awaited<R>[]>;
  broadcast(task: any, ...args: any[]): any {
    return broadcast(this.#finder.find(task, 'broadcast(task)'), args);
  }

  /**
   * Shares a value with all tasks of this executor. Pass the returned {@link Shared} to a task
   * instead of the value.
   *
   * Use it for large data that many tasks read, such as an index or a dictionary. The value is
   * copied by this call, so the tasks do not see later changes. Each worker receives the value
   * once, before its first task that needs it. All tasks on the worker get the same object, which
   * is read-only. Byte arrays of 64 KiB and more are copied once into shared memory, which all
   * threads see.
   *
   * ```ts
   * const names = new Map([[1, 'tea'], [2, 'milk']]);
   * using shared = executor.share(names);
   * const nameOf = (map: Map<number, string>, id: number) => map.get(id);
   * console.log(await executor.submit(nameOf, shared, 2));
   * // Output:
   * // milk
   * ```
   *
   * `dispose()` frees the value everywhere, after the tasks that use it have settled. So does the
   * end of the executor.
   *
   * @throws SerializationError if the value can't be copied
   * @throws TypeError if the value is a Shared or a stream or contains one, if it is marked with
   *   `transfer()`, or if the executor uses a queue
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more tasks
   */
  share<T>(value: Shareable<T>): Shared<T> {
    return this.#engine.sharing.share(value);
  }

  /**
   * Lets no further task start, until `resume()`. Tasks that have started continue, with the chain
   * steps that travel with them. All other tasks wait, and their futures stay pending.
   *
   * Use it while something that the tasks need is away, such as a database.
   *
   * ```ts
   * executor.pause();
   * const future = square(3);
   * console.log(executor.stats().isPaused, future.state);
   * executor.resume();
   * console.log(await future);
   * // Output:
   * // true pending
   * // 9
   * ```
   *
   * Calls are not counted: one `resume()` ends any number of pauses. `shutdown()` resumes the
   * executor, and an executor that is not open can't be paused. Waiting tasks can be cancelled, and
   * they keep the process alive. Delays of retries go on.
   *
   * @throws TypeError if the executor uses a queue, whose servers decide when a task starts
   */
  pause(): void {
    if (!this.#engine.traits.ownsWorkers) {
      throw new TypeError(
        `pause(): executor "${this.#engine.name}" uses a queue, and its servers decide when a task starts. Stop the servers, or submit later.`,
      );
    }
    this.#engine.life.pause();
  }

  /** Lets tasks start again after `pause()`. Has no effect if the executor is not paused. */
  resume(): void {
    this.#engine.life.resume();
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
   * @throws ExecutorShutdownError (as a rejection) if the executor has closed, or closes meanwhile
   */
  ready(): Promise<void> {
    return this.#engine.life.ready();
  }

  /**
   * Stops accepting tasks, finishes every accepted task with its chains and callbacks, and then
   * ends the workers.
   *
   * Use it to end a program. The promise resolves when the last worker has ended. It waits for the
   * `finalizer` of each worker, at most `finalizeTimeout` ms.
   *
   * With `cancelPending`, tasks that have not started are cancelled. With `timeout`, everything
   * that is left after so many ms is cancelled. The futures reject with a CancelledError, whose
   * `cause` is a TimeoutError. All workers are ended at that time, also those whose finalizers have
   * not ended or have not run, and the promise resolves. If several calls have a `timeout`, the
   * earliest time counts.
   *
   * A later call returns a promise of the same shutdown. Any callback may call it. A chain step
   * must not await it, because shutdown waits for that step.
   *
   * ```ts
   * const future = square(3);
   * await executor.shutdown();
   * console.log(future.state, executor.state);
   * // Output:
   * // fulfilled closed
   * ```
   *
   * @throws TypeError if an option is unknown or has the wrong type
   * @throws RangeError if `timeout` is out of range
   */
  shutdown(options: { cancelPending?: boolean; timeout?: number } = {}): Promise<void> {
    validate('shutdown()', options, { cancelPending: boolean, timeout: ms });
    return this.#engine.life.shutdown(options.cancelPending ?? false, options.timeout);
  }

  /**
   * Cancels every task at once and ends the workers, even if they are busy. Any callback may call
   * it.
   *
   * Use it if the results are of no use any more, or if a task might never finish. The promise
   * resolves when the last worker has ended. Without a `finalizer` and without actors that have to
   * be disposed of, the workers end at once. With one of them, a busy worker has `finalizeTimeout`
   * ms to become free. A worker that is free in time disposes of its actors and runs its finalizer,
   * which may take `finalizeTimeout` ms too.
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

  /**
   * Lets a tracer follow the tasks that are submitted from now on. Returns a function that removes
   * it.
   *
   * @internal
   * @throws Error if the executor has a tracer
   */
  _trace(tracer: Tracer): () => void {
    const engine = this.#engine;
    if (engine.tracer !== undefined) {
      throw new Error(
        `instrument(executor): executor "${engine.name}" is instrumented already. Call the function that the first call returned, and then instrument it again.`,
      );
    }
    engine.tracer = tracer;
    return () => {
      if (engine.tracer === tracer) engine.tracer = undefined;
    };
  }

  /** Returns text such as `Executor { crawler, open, 3 pending }`. */
  override toString(): string {
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
