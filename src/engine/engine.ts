/**
 * The engine of an executor: the way from a call to a queued run, and what comes back from there. Everything that a future or a chain needs to know of
 * "its executor" is here; executor.ts gives it a face.
 */

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
import { checkTaskOptions, type TaskOptions } from './handles/task-options.js';
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
  /** What a task has left behind that threw when it had ended. */
  readonly onLeftoverError: (error: unknown, task: { id: number; name: string }) => void;
  /** The cleanup of a stream, or of a map's input, failed when the reader had left. */
  readonly onCleanupError: (error: unknown, task: { id: number; name: string }) => void;
  readonly onCallbackError: (error: unknown, future: Future<unknown>) => void;
}

/** Tasks at hand for the quickest of them: more is not faster, and each holds its input. */
const MOST_AT_HAND = 4_096;

/** The same where the places are at the other end of a queue, and how many there are is not known. */
const AT_HAND_IN_QUEUE = 1_024;

export class Engine implements Owner, LifeCycleHost {
  readonly unobserved = new Set<UnobservedFailure>();
  readonly events: EventSource;
  readonly counters = new Counters();
  readonly pending = new PendingWork();
  readonly dispatcher: Dispatcher;
  readonly life: LifeCycle;
  readonly #options: EngineOptions;
  readonly #taskEvents: TaskEvents;
  readonly #clock = new Clock();
  /** Futures that follow others: not all of them are known to the scheduler. */
  readonly #following = new Set<Future<any>>();
  /** That are yet to be given. */
  readonly #stopOrders = new Set<StopOrder>();

  constructor(options: EngineOptions) {
    keepHiddenClasses();
    this.#options = options;
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

  /** Its tasks run at the other end of a queue, which is shared with others. */
  get isQueue(): boolean {
    return this.#options.backend.queue !== undefined;
  }

  get minWorkers(): number {
    return this.#options.minWorkers;
  }

  get workforce(): Workforce {
    return this.dispatcher.workforce;
  }

  /** The time, for what is noted of each task. */
  get now(): number {
    return this.#clock.now;
  }

  // ── from a call to a run ──────────────────────────────────────────────────────────────────────────────────────────

  /** @throws ExecutorShutdownError or BrokenExecutorError where no more work is taken */
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

  /** A future of what was submitted before under this id, perhaps by another process. */
  attach(id: number): Future<any> {
    return this.run({ engine: this, steps: [ATTACH], name: 'attach', options: {}, id }, [], this.attach);
  }

  /** A stream of what `task` gives. Each reader's is a run of its own, of the arguments as they are now. */
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
        const feed = new StreamReceiver(run, sink, highWaterMark);
        if (!run.future.isSettled) submit(run);
        return feed;
      }
      const future = this.#future(head, this.stream);
      if (!future.isSettled) submit(future._producer as TaskRun);
      const source = this.#chainAll(others, future);
      const run = this.#future(info, this.stream, source)._producer as TaskRun;
      const feed = new StreamReceiver(run, sink, highWaterMark);
      if (!run.future.isSettled) this.#follow(run, source);
      return feed;
    }, task.name);
  }

  /** Tasks that are worth holding at a time where their inputs come one by one: some for each place, more where they are done quickly. */
  get prefetchLimit(): number {
    const { maxWorkers, maxQueue, config } = this.#options;
    if (this.isQueue) return Math.min(AT_HAND_IN_QUEUE, Math.max(1, maxQueue));
    let windows = 0;
    for (const worker of this.workforce.serving) windows += worker.window.size;
    const places = maxWorkers * config.concurrency;
    // More than the queue takes would be refused.
    return Math.min(Math.max(2 * places, Math.min(2 * windows, MOST_AT_HAND)), places + maxQueue);
  }

  /** A future of what `task` makes of another one's value. Where no more work is taken it is rejected. */
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

  /** Why a submit made now is refused. */
  refusal(): Error | undefined {
    return this.life.refusal();
  }

  merge(options: TaskOptions, more: TaskOptions): TaskOptions {
    return { ...options, ...checkTaskOptions(more, 'with(options)') };
  }

  #future(task: TaskInfo, above: Function, upstream?: Future<any>): Future<any> {
    const { signal } = task.options;
    const run = new TaskRun(task);
    const future = new Future<any>(run, task.id ?? this.#options.backend.queue?.nextId());
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

  // ── what runs and futures report ──────────────────────────────────────────────────────────────────────────────────

  enqueue(run: TaskRun): void {
    if (this.life.ending() !== undefined) {
      this.life.end(run.future);
      return;
    }
    const refusal = this.#queueFull();
    if (refusal !== undefined) reject(run.future, refusal);
    else this.dispatcher.enqueue(run);
  }

  /** A run that was accepted before: a retry, or one whose worker is gone. `maxQueue` does not refuse it. */
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
    const places = this.isQueue ? 0 : maxWorkers * config.concurrency;
    if (this.dispatcher.unreported < maxQueue + places) return undefined;
    return new QueueFullError(
      `The executor ${this.name} has ${maxQueue} tasks waiting, as many as maxQueue allows. Submit when some have settled, or raise maxQueue.`,
    );
  }

  cancelJob(job: Job, reason: unknown): void {
    const isUnsent = job.phase === QUEUED;
    this.dispatcher.cancel(job, reason);
    // What it would have joined runs elsewhere, and is to stop.
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

  /** The future follows another one, so `terminate` and `cancelPending` must know of it. */
  follow(future: Future<any>): void {
    this.#following.add(future);
  }

  unfollow(future: Future<any>): void {
    this.#following.delete(future);
  }

  /** A run has ended on its worker; what came of it follows. */
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

  /** No future carries the error, so it is reported at once. */
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

  /** Everything that this executor answers for: with its workers, in its queue, or following something. */
  unsettled(): Future<any>[] {
    const jobs = [...this.workforce.all].flatMap((worker) => worker.inFlight.live());
    const futures = [...jobs, ...this.dispatcher.waitingJobs()].flatMap((job) =>
      job instanceof TaskRun ? [job.future] : [],
    );
    return [...new Set([...futures, ...this.#following])];
  }

  /** Nothing more is sent. */
  dropOrders(): void {
    for (const order of this.#stopOrders) order.rejected();
  }

  /** The last worker has ended. */
  closed(): void {
    reportAll(this);
    this.events.complete();
    this.pending.close();
  }
}
