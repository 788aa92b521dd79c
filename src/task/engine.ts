/**
 * The engine of an executor: its state, what is pending, and the way from a call to a queued run. Everything that a future
 * or a chain needs to know of "its executor" is here; executor.ts gives it a face.
 *
 *     open ──shutdown──► draining ──nothing pending──► closed
 *       │                    │
 *       ├──terminate─────────┴──────────────────────► closed
 *       └──no worker starts─► broken
 */

import type { Ending } from '../backend/backend.js';
import { type BrokenExecutorError, ExecutorShutdownError, QueueFullError } from '../errors.js';
import { Future } from '../future/future.js';
import type { Owner } from '../future/origin.js';
import { reject, whenSettled } from '../future/settle.js';
import { reportAll, type UnobservedFailure } from '../future/unobserved.js';
import { Dispatcher, type DispatcherOptions } from '../scheduling/dispatcher.js';
import { type Job, streamStep } from '../scheduling/job.js';
import type { Worker } from '../scheduling/worker.js';
import { ResultStream } from '../stream/result-stream.js';
import { EventSource } from './events.js';
import { hasFuture, takeForLater, whenArguments } from './future-arguments.js';
import { keepLayouts } from './layouts.js';
import { Pending } from './pending.js';
import { Readiness } from './readiness.js';
import { listenSignal } from './signal.js';
import { Counters } from './stats.js';
import { isInsideStep } from './step-scope.js';
import { StreamFeed } from './stream-feed.js';
import { submitStack } from './submit-stack.js';
import type { TaskInfo } from './task.js';
import { checkTaskOptions, type TaskOptions } from './task-options.js';
import { TaskRun } from './task-run.js';

export type ExecutorState = 'open' | 'draining' | 'closed' | 'broken';

export interface EngineOptions extends DispatcherOptions {
  readonly maxQueue: number;
  readonly captureStacks: boolean;
  readonly onUnobservedError: (error: unknown, task: { id: number; name: string }) => void;
  /** What a task has left behind that threw when it had ended. */
  readonly onLeftoverError: (error: unknown, task: { id: number; name: string }) => void;
  readonly onCallbackError: (error: unknown, future: Future<unknown>) => void;
}

/** Values that a stream may be ahead of its reader where nothing else is said. */
const HIGH_WATER_MARK = 1_024;

/** Tasks at hand for the quickest of them: more is not faster, and each holds its input. */
const MOST_AT_HAND = 4_096;

export class Engine implements Owner {
  readonly unobserved = new Set<UnobservedFailure>();
  readonly events = new EventSource();
  readonly counters = new Counters();
  readonly dispatcher: Dispatcher;
  readonly #options: EngineOptions;
  /** Futures that follow others: not all of them are known to the scheduler. */
  readonly #following = new Set<Future<any>>();
  #state: ExecutorState = 'open';
  #broken: BrokenExecutorError | undefined;
  readonly #pending = new Pending();
  readonly #readiness = new Readiness();
  #closing: Promise<void> | undefined;

  constructor(options: EngineOptions) {
    keepLayouts();
    this.#options = options;
    this.dispatcher = new Dispatcher(options, {
      spawned: (worker) => this.#emitWorker('worker-spawned', worker),
      ready: (worker) => this.#workerReady(worker),
      ended: (worker, ending, isExpected) => this.#workerEnded(worker, ending, isExpected),
      faulted: (_worker, { error, id, name }) => this.#options.onLeftoverError(error, { id, name }),
      broken: (error) => this.#break(error),
    });
    if (options.minWorkers > 0) this.dispatcher.plan();
  }

  get name(): string {
    return this.#options.name;
  }

  get state(): ExecutorState {
    return this.#state;
  }

  get pending(): number {
    return this.#pending.count;
  }

  // ── from a call to a run ──────────────────────────────────────────────────────────────────────────────────────────

  /** @throws ExecutorShutdownError or BrokenExecutorError where no more work is taken */
  run(task: TaskInfo, args: readonly unknown[], caller: Function = this.run): Future<any> {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    const future = this.#future(task, caller);
    const run = future._origin as TaskRun;
    if (future.isSettled) return future;
    if (hasFuture(args)) whenArguments(run, args);
    else run.submit(args);
    return future;
  }

  /** A stream of what `task` gives. Each reader's is a run of its own, of the arguments as they are now. */
  stream(task: TaskInfo, args: readonly unknown[]): ResultStream<any> {
    const { highWaterMark = HIGH_WATER_MARK } = task.options;
    const info = { ...task, steps: [...task.steps, streamStep(highWaterMark)] };
    const submit = takeForLater(args);
    return new ResultStream((sink) => {
      const refusal = this.refusal();
      if (refusal !== undefined) {
        sink.error(refusal);
        return { stop: () => {} };
      }
      const run = this.#future(info, this.stream)._origin as TaskRun;
      const feed = new StreamFeed(run, sink, highWaterMark);
      if (!run.future.isSettled) submit(run);
      return feed;
    });
  }

  /** Tasks that are worth holding at a time where their inputs come one by one: some for each place, more where they are done quickly. */
  get appetite(): number {
    const { maxWorkers, config } = this.#options;
    let windows = 0;
    for (const worker of this.dispatcher.workforce.serving) windows += worker.window.size;
    return Math.max(2 * maxWorkers * config.concurrency, Math.min(2 * windows, MOST_AT_HAND));
  }

  /** A future of what `task` makes of another one's value. Where no more work is taken it is rejected. */
  chain(task: TaskInfo, source: Future<any>): Future<any> {
    const refusal = this.refusal();
    if (refusal !== undefined) {
      source._observe();
      return Future.reject(refusal);
    }
    const future = this.#future(task, this.chain);
    if (future.isSettled) return future;
    const run = future._origin as TaskRun;
    this.follow(future);
    if (source.isSettled) whenSettled(source, run);
    else run.follow(source);
    return future;
  }

  /** Why a submit made now is refused. */
  refusal(): Error | undefined {
    switch (this.#state) {
      case 'open':
        return undefined;
      case 'draining':
        if (isInsideStep()) return undefined;
        return new ExecutorShutdownError(
          `The executor ${this.name} is shutting down: it finishes what it has and takes nothing new. Submit before shutdown().`,
        );
      case 'closed':
        return new ExecutorShutdownError(
          `The executor ${this.name} is closed: it takes no more tasks. Submit before shutdown(), or make a new Executor.`,
        );
      case 'broken':
        return this.#broken;
      default:
        return this.#state satisfies never;
    }
  }

  merge(options: TaskOptions, more: TaskOptions): TaskOptions {
    return { ...options, ...checkTaskOptions(more, 'with(options)') };
  }

  #future(task: TaskInfo, above: Function): Future<any> {
    const { signal } = task.options;
    const run = new TaskRun(task);
    const future = new Future<any>(run);
    run.future = future;
    if (this.#options.captureStacks) run.extras.stack = submitStack(above);
    this.counters.submitted++;
    if (this.events.isObserved) this.events.emit('task-submitted', { id: future.id, name: task.name });
    if (signal?.aborted) future.cancel(signal.reason);
    else if (signal !== undefined) listenSignal(signal, future);
    return future;
  }

  // ── what runs and futures report ──────────────────────────────────────────────────────────────────────────────────

  enqueue(run: TaskRun): void {
    // An accepted run comes here later too: after a retry's delay, or when what it waits for is there.
    const refusal = this.#broken ?? (this.#state === 'closed' ? this.refusal() : this.#queueFull());
    if (refusal !== undefined) reject(run.future, refusal);
    else this.dispatcher.enqueue(run);
  }

  #queueFull(): QueueFullError | undefined {
    const { maxQueue, maxWorkers, config } = this.#options;
    if (maxQueue === Number.POSITIVE_INFINITY) return undefined;
    if (this.dispatcher.unreported < maxQueue + maxWorkers * config.concurrency) return undefined;
    return new QueueFullError(
      `The executor ${this.name} has ${maxQueue} tasks waiting, as many as maxQueue allows. Submit when some have settled, or raise maxQueue.`,
    );
  }

  cancelJob(job: Job, reason: unknown): void {
    this.dispatcher.cancel(job, reason);
  }

  /** The future follows another one, so `terminate` and `cancelPending` must know of it. */
  follow(future: Future<any>): void {
    this.#following.add(future);
  }

  unfollow(future: Future<any>): void {
    this.#following.delete(future);
  }

  settled(future: Future<any>): void {
    const { state } = future;
    this.counters.settled(state);
    if (!this.events.isObserved) return;
    this.events.emit('task-settled', { id: future.id, name: future.name, status: state, threadId: future.threadId });
  }

  began(): void {
    this.#pending.began();
  }

  ended(): void {
    this.#pending.ended();
  }

  callbackFailed(error: unknown, future: Future<unknown>): void {
    this.#options.onCallbackError(error, future);
  }

  failedUnobserved({ error, id, name }: UnobservedFailure): void {
    this.#options.onUnobservedError(error, { id, name });
  }

  // ── life cycle ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Resolves when at least one worker, and `minWorkers` of them, are up. */
  async ready(): Promise<void> {
    const refusal = this.#state === 'draining' ? undefined : this.refusal();
    if (refusal !== undefined) throw refusal;
    const count = Math.max(1, this.#options.minWorkers);
    this.dispatcher.workforce.ensure(count);
    if (this.dispatcher.workforce.serving.length >= count) return;
    this.#pending.hold();
    try {
      await this.#readiness.wait(count);
    } finally {
      this.#pending.letGo();
    }
  }

  /** Advances to `draining`, then to `closed`. */
  shutdown(cancelPending: boolean): Promise<void> {
    if (cancelPending) this.#cancelUnbegun();
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining';
    await this.#pending.idle();
    await this.#close('leave');
  }

  /** Advances to `closed`, at once. */
  async terminate(): Promise<void> {
    if (this.#state !== 'closed') {
      if (this.#state !== 'broken') this.#state = 'closed';
      const killed = this.dispatcher.workforce.close('kill');
      this.#cancelAll(new ExecutorShutdownError(`The executor ${this.name} was terminated.`));
      this.#pending.hold();
      await killed;
      this.#pending.letGo();
    }
    this.#closing ??= this.#close('kill');
    await this.#closing;
  }

  async #close(how: 'leave' | 'kill'): Promise<void> {
    if (this.#state !== 'broken') this.#state = 'closed';
    this.#pending.hold();
    await this.dispatcher.workforce.close(how);
    this.#pending.letGo();
    this.#readiness.fail(this.refusal());
    reportAll(this);
    this.events.complete();
    this.#pending.close();
  }

  /** Advances to `broken`: nothing that is pending can ever run. */
  #break(error: BrokenExecutorError): void {
    if (this.#state === 'closed' || this.#state === 'broken') return;
    this.#state = 'broken';
    this.#broken = error;
    void this.dispatcher.workforce.close('kill');
    for (const future of this.#unsettled()) reject(future, error);
    this.#readiness.fail(error);
  }

  #cancelUnbegun(): void {
    const futures = this.#unsettled();
    // What has begun comes to its end, even where nobody is left to use it: to it that looks like somebody who waits.
    const begun = futures.filter((future) => future.state === 'running');
    const bystander = { react: () => {} };
    for (const future of begun) future._addReaction(bystander);
    for (const future of futures) if (future.state === 'pending') future.cancel('shutdown({ cancelPending: true })');
    for (const future of begun) future._removeReaction(bystander);
  }

  #cancelAll(reason: Error): void {
    for (const future of this.#unsettled()) future.cancel(reason);
  }

  /** Everything that this executor answers for: with its workers, in its queue, or following something. */
  #unsettled(): Future<any>[] {
    const jobs = [...this.dispatcher.workforce.all].flatMap((worker) => worker.inFlight.live());
    const runs = [...jobs, ...this.dispatcher.waitingJobs()] as TaskRun[];
    return [...new Set([...runs.map((run) => run.future), ...this.#following])];
  }

  #workerReady(worker: Worker): void {
    this.#emitWorker('worker-ready', worker);
    this.#readiness.reached(this.dispatcher.workforce.serving.length);
  }

  #workerEnded(worker: Worker, { exitCode, error }: Ending, isExpected: boolean): void {
    if (!this.events.isObserved) return;
    this.events.emit(isExpected ? 'worker-ended' : 'worker-died', { ...workerData(worker), exitCode, error });
  }

  #emitWorker(type: 'worker-spawned' | 'worker-ready', worker: Worker): void {
    if (this.events.isObserved) this.events.emit(type, workerData(worker));
  }
}

function workerData(worker: Worker): { worker: string; threadId: number | undefined } {
  return { worker: worker.name, threadId: worker.threadId };
}
