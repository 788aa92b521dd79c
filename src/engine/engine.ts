/**
 * The engine of an executor. It turns a call into a queued run and handles the results. It is the
 * part of an executor that futures and chains know. executor.ts is the public interface of the
 * engine.
 */

import { type Traits, traitsOf } from '../backends/backend.js';
import { QueueFullError } from '../errors.js';
import { DetachedProducer } from '../future/detached.js';
import { Future } from '../future/future.js';
import type { Owner } from '../future/producer.js';
import { reject, whenSettled } from '../future/settle.js';
import { listenSignal } from '../future/signal.js';
import { guarded, reportUnhandled } from '../future/unhandled.js';
import { reportAll, type UnobservedFailure } from '../future/unobserved.js';
import { here } from '../platform/context.js';
import { Dispatcher, type DispatcherOptions } from '../scheduling/dispatcher.js';
import { ATTACH, type Job, QUEUED, streamStep } from '../scheduling/job.js';
import { StopOrder } from '../scheduling/stop-order.js';
import type { Workforce } from '../scheduling/workforce.js';
import { ResultStream } from '../stream/result-stream.js';
import type { TaskInfo } from './handles/task.js';
import { LifeCycle, type LifeCycleHost } from './life-cycle/life-cycle.js';
import { PendingWork } from './life-cycle/pending-work.js';
import { Clock } from './observe/clock.js';
import { EventSource } from './observe/events.js';
import { Counters } from './observe/stats.js';
import { TaskEvents } from './observe/task-events.js';
import { WorkerEvents } from './observe/worker-events.js';
import { hasFuture, takeForLater, whenArguments } from './run/future-arguments.js';
import { keepHiddenClasses } from './run/hidden-classes.js';
import { callsFunctions } from './run/retry.js';
import { HIGH_WATER_MARK, StreamReceiver } from './run/stream-receiver.js';
import { submitStack } from './run/submit-stack.js';
import { TaskRun } from './run/task-run.js';

export interface EngineOptions extends DispatcherOptions {
  readonly maxQueue: number;
  readonly captureStacks: boolean;
  readonly onUnobservedError: (error: unknown, task: { id: number; name: string }) => void;
  /** Called with an error that code of a task threw after the task had ended. */
  readonly onLeftoverError: (error: unknown, task: { id: number; name: string }) => void;
  /** Called with an error of the cleanup of a stream or of a map's input, after the reader left. */
  readonly onCleanupError: (error: unknown, task: { id: number; name: string }) => void;
  readonly onCallbackError: (error: unknown, future: Future<unknown>) => void;
}

/**
 * Maximum prefetch for very short tasks. More is not faster, and each prefetched task holds its
 * input.
 */
const MAX_PREFETCH = 4_096;

/** Maximum prefetch on a queue, where the number of concurrency slots is unknown. */
const MAX_QUEUE_PREFETCH = 1_024;

export class Engine implements Owner, LifeCycleHost {
  readonly unobserved = new Set<UnobservedFailure>();
  readonly events: EventSource;
  readonly counters = new Counters();
  readonly pending = new PendingWork();
  readonly dispatcher: Dispatcher;
  readonly life: LifeCycle;
  readonly traits: Traits;
  readonly #options: EngineOptions;
  readonly #taskEvents: TaskEvents;
  readonly #clock = new Clock();
  /** Futures that follow upstream futures. The scheduler does not know all of them. */
  readonly #following = new Set<Future<any>>();
  /** Remote cancels that have not been sent. */
  readonly #stopOrders = new Set<StopOrder>();

  constructor(options: EngineOptions) {
    keepHiddenClasses();
    this.#options = options;
    this.traits = traitsOf(options.backend);
    this.events = new EventSource(options.name);
    const workerEvents = new WorkerEvents(this.events);
    this.dispatcher = new Dispatcher(options, {
      spawned: (worker) => workerEvents.spawned(worker),
      ready: (worker) => {
        workerEvents.ready(worker);
        this.life.reached(this.workforce.serving.length);
      },
      recycled: (worker, reason) => workerEvents.recycled(worker, reason),
      ended: (worker, ending, isExpected) => workerEvents.ended(worker, ending, isExpected),
      faulted: (_worker, { error, id, name }) => guarded(() => options.onLeftoverError(error, { id, name })),
      cleanupFailed: ({ error, id, name }) => this.cleanupFailed(error, { id, name }),
      broken: (error) => this.life.broke(error),
      incomplete: (error) => this.life.incomplete(error),
    });
    this.#taskEvents = new TaskEvents(this.events, this.dispatcher);
    this.life = new LifeCycle(this);
    if (options.minWorkers > 0) this.dispatcher.schedule();
  }

  get name(): string {
    return this.#options.name;
  }

  get minWorkers(): number {
    return this.#options.minWorkers;
  }

  get workforce(): Workforce {
    return this.dispatcher.workforce;
  }

  /** The time that is recorded for each task. */
  get now(): number {
    return this.#clock.now;
  }

  // ── from a call to a run ───────────────────────────────────────────────────────────────────────

  /**
   * Runs a task with `args`. Returns the future of its result.
   *
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more work
   */
  run(task: TaskInfo, args: readonly unknown[], caller: Function = this.run): Future<any> {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    const future = this.#future(task, caller);
    const run = future._producer as TaskRun;
    if (!future.isSettled) {
      if (hasFuture(args)) whenArguments(run, args);
      else run.submit(args);
    }
    return task.more === undefined ? future : this.#chainAll(task.more, future);
  }

  /**
   * Returns a future of a task that was submitted before under this id, possibly by another
   * process.
   */
  attach(id: number): Future<any> {
    return this.run({ engine: this, steps: [ATTACH], name: 'attach', options: {}, id }, [], this.attach);
  }

  /**
   * Returns a stream of the values that `task` emits. Each reader gets its own run, with the
   * arguments as they are now.
   */
  stream(task: TaskInfo, args: readonly unknown[]): ResultStream<any> {
    const { more = [], ...first } = task;
    const before = more.length === 0 ? [] : [first, ...more.slice(0, -1)];
    const last = more.at(-1) ?? first;
    const { highWaterMark = HIGH_WATER_MARK } = last.options;
    const info = { ...last, steps: [...last.steps, streamStep(highWaterMark)] };
    const submit = takeForLater(args);
    return new ResultStream((sink) => {
      const refusal = this.refusal();
      if (refusal !== undefined) {
        sink.error(refusal);
        return { stop: () => {} };
      }
      const [head, ...others] = before;
      if (head === undefined) {
        const run = this.#future(info, this.stream)._producer as TaskRun;
        const receiver = new StreamReceiver(run, sink, highWaterMark);
        if (!run.future.isSettled) submit(run);
        return receiver;
      }
      const future = this.#future(head, this.stream);
      if (!future.isSettled) submit(future._producer as TaskRun);
      const source = this.#chainAll(others, future);
      const run = this.#future(info, this.stream, source)._producer as TaskRun;
      const receiver = new StreamReceiver(run, sink, highWaterMark);
      if (!run.future.isSettled) this.#follow(run, source);
      return receiver;
    }, task.name);
  }

  /**
   * Maximum number of tasks in flight if inputs arrive one by one: two for each concurrency slot,
   * and more if the tasks are short.
   */
  get prefetchLimit(): number {
    const { maxWorkers, maxQueue, config } = this.#options;
    if (!this.traits.hasKnownCapacity) return Math.min(MAX_QUEUE_PREFETCH, Math.max(1, maxQueue));
    let windows = 0;
    for (const worker of this.workforce.serving) windows += worker.window.size;
    const slots = maxWorkers * config.concurrency;
    // Tasks beyond `maxQueue` would be refused.
    return Math.min(Math.max(2 * slots, Math.min(2 * windows, MAX_PREFETCH)), slots + maxQueue);
  }

  /**
   * Returns a future of the result of `task`, called with the value of `source`. The future is
   * rejected if the executor accepts no more work.
   */
  chain(task: TaskInfo, source: Future<any>): Future<any> {
    const refusal = this.refusal();
    if (refusal !== undefined) {
      source._observe();
      const refused = new Future<any>(new DetachedProducer(task.name, undefined, this));
      reject(refused, refusal);
      return refused;
    }
    const future = this.#future(task, this.chain, source);
    if (!future.isSettled) this.#follow(future._producer as TaskRun, source);
    return task.more === undefined ? future : this.#chainAll(task.more, future);
  }

  #chainAll(tasks: readonly TaskInfo[], source: Future<any>): Future<any> {
    return tasks.reduce((future, task) => this.chain(task, future), source);
  }

  #follow(run: TaskRun, source: Future<any>): void {
    this.follow(run.future);
    if (source.isSettled) whenSettled(source, run);
    else run.follow(source);
  }

  /** Returns the error for a submit at this moment; undefined if the executor accepts it. */
  refusal(): Error | undefined {
    return this.life.refusal();
  }

  #future(task: TaskInfo, above: Function, upstream?: Future<any>): Future<any> {
    const { signal } = task.options;
    const run = new TaskRun(task);
    const future = new Future<any>(run, task.id ?? this.traits.nextId?.());
    run.future = future;
    if (task.attempt !== undefined && task.attempt > 1) run.rare.attempt = task.attempt;
    if (callsFunctions(task.options.retry)) run.rare.context = here();
    if (this.#options.captureStacks) run.rare.stack = submitStack(above);
    this.counters.submitted++;
    this.#taskEvents.submitted(future, task.options.priority ?? 0, upstream?.id);
    if (signal?.aborted) future.cancel(signal.reason);
    // A listener of `task-submitted` may have called terminate().
    else if (this.life.ending() !== undefined) this.life.end(future);
    else if (signal !== undefined) listenSignal(signal, future);
    return future;
  }

  // ── reports of runs and futures ────────────────────────────────────────────────────────────────

  enqueue(run: TaskRun): void {
    if (this.life.ending() !== undefined) {
      this.life.end(run.future);
      return;
    }
    const refusal = this.#queueFull();
    if (refusal !== undefined) reject(run.future, refusal);
    else this.dispatcher.enqueue(run);
  }

  /**
   * Enqueues a run that was accepted before: a retry, or a run whose worker has ended. `maxQueue`
   * does not refuse it.
   */
  enqueueAgain(run: TaskRun): void {
    const refusal = this.life.ending();
    if (refusal !== undefined) reject(run.future, refusal);
    else this.dispatcher.enqueue(run);
  }

  withdraw(job: Job): boolean {
    return this.dispatcher.withdraw(job);
  }

  #queueFull(): QueueFullError | undefined {
    const { maxQueue, maxWorkers, config } = this.#options;
    if (maxQueue === Number.POSITIVE_INFINITY) return undefined;
    const slots = this.traits.hasKnownCapacity ? maxWorkers * config.concurrency : 0;
    if (this.dispatcher.unreported < maxQueue + slots) return undefined;
    return new QueueFullError(
      `Executor "${this.name}" already has ${maxQueue} waiting tasks, the limit of maxQueue. Submit again after some tasks have settled, or increase maxQueue.`,
    );
  }

  cancelJob(job: Job, reason: unknown): void {
    const isUnsent = job.phase === QUEUED;
    this.dispatcher.cancel(job, reason);
    // The task that this job would have joined runs in another process, and must be cancelled
    // there.
    if (isUnsent && job.steps[0] === ATTACH && this.life.ending() === undefined) this.#stopElsewhere(job.id, reason);
  }

  #stopElsewhere(id: number, reason: unknown): void {
    const order = new StopOrder(id, reason, () => {
      if (this.#stopOrders.delete(order)) this.pending.ended();
    });
    this.#stopOrders.add(order);
    this.pending.began();
    this.dispatcher.enqueue(order);
  }

  /** Adds a future that follows another one. `terminate` and `cancelPending` have to find it. */
  follow(future: Future<any>): void {
    this.#following.add(future);
  }

  unfollow(future: Future<any>): void {
    this.#following.delete(future);
  }

  /** Called when a run has ended on its worker, before its result is delivered. */
  ran(run: TaskRun, startedAt: number, endedAt: number): void {
    this.counters.waitTime.add(run.waitedUntil(startedAt));
    this.counters.runTime.add(Math.max(0, endedAt - startedAt));
    this.#taskEvents.ran(run, startedAt, endedAt);
  }

  retried(run: TaskRun, delay: number, error: unknown): void {
    this.counters.retried++;
    this.#taskEvents.retried(run, delay, error);
  }

  settled(run: TaskRun): void {
    this.counters.settled(run.future.state);
    this.#taskEvents.settled(run, run.future);
  }

  began(): void {
    this.pending.began();
  }

  ended(): void {
    this.pending.ended();
  }

  callbackFailed(error: unknown, future: Future<unknown>): void {
    this.#options.onCallbackError(error, future);
  }

  /** Reports an error at once, because no future carries it. */
  cleanupFailed(error: unknown, task: { id: number; name: string }): void {
    try {
      this.#options.onCleanupError(error, task);
    } catch (failure) {
      reportUnhandled(failure);
    }
  }

  failedUnobserved({ error, id, name }: UnobservedFailure): void {
    this.#options.onUnobservedError(error, { id, name });
  }

  /**
   * Returns all futures of this executor that have not settled: on its workers, in its queue, or
   * following another future.
   */
  unsettled(): Future<any>[] {
    const jobs = [...this.workforce.all].flatMap((worker) => worker.inFlight.live());
    const futures = [...jobs, ...this.dispatcher.waitingJobs()].flatMap((job) =>
      job instanceof TaskRun ? [job.future] : [],
    );
    return [...new Set([...futures, ...this.#following])];
  }

  /** Drops the remote cancels that have not been sent. */
  dropOrders(): void {
    for (const order of this.#stopOrders) order.rejected();
  }

  /** Called when the last worker has ended. */
  closed(): void {
    reportAll(this);
    this.events.complete();
    this.pending.close();
  }
}
