/**
 * The engine of an executor. It turns a call into a queued run and handles the results. It is the
 * part of an executor that futures and chains know. executor.ts is the public interface of the
 * engine.
 *
 * This file is long because calls, runs, futures and the life cycle each have their own interface
 * to the engine.
 */

import { here } from '#platform/context';
import { type Traits, traitsOf } from '../backends/backend.js';
import { DetachedProducer } from '../future/detached.js';
import { Future } from '../future/future.js';
import type { Owner } from '../future/producer.js';
import { reject } from '../future/settle.js';
import { listenSignal } from '../future/signal.js';
import { REJECTED } from '../future/state.js';
import { guarded, reportUnhandled } from '../future/unhandled.js';
import { reportAll, type UnobservedFailure } from '../future/unobserved.js';
import { isMisuse } from '../protocol/misuse.js';
import { Dispatcher, type DispatcherOptions } from '../scheduling/dispatcher.js';
import type { Job, JobWorker } from '../scheduling/job/job.js';
import type { Workforce } from '../scheduling/workforce/workforce.js';
import { ActorRegistry } from './actors/actor-registry.js';
import { Capacity } from './capacity.js';
import type { TaskInfo } from './handles/task-info.js';
import { LifeCycle, type LifeCycleHost } from './life-cycle/life-cycle.js';
import { PendingWork } from './life-cycle/pending-work.js';
import { EventSource } from './observe/events.js';
import { Recorder } from './observe/recorder.js';
import type { Tracer } from './observe/tracer.js';
import { WorkerEvents } from './observe/worker-events.js';
import { captureContext } from './run/context.js';
import { limitPipeline, limitRun } from './run/deadline.js';
import { hasFuture, whenArguments } from './run/future-arguments.js';
import { keepHiddenClasses } from './run/hidden-classes.js';
import { joinLane } from './run/key.js';
import { callsFunctions } from './run/retry.js';
import { submitStack } from './run/submit-stack.js';
import { TaskRun } from './run/task-run.js';
import { Sharing } from './sharing/sharing.js';

export interface EngineOptions extends DispatcherOptions {
  readonly maxQueue: number;
  readonly captureStacks: boolean;
  /** Returns the context of a task that is submitted now. */
  readonly context: (() => unknown) | undefined;
  readonly onUnobservedError: (error: unknown, task: { id: number; name: string }) => void;
  /** Called with an error that code of a task threw after the task had ended. */
  readonly onLeftoverError: (error: unknown, task: { id: number; name: string }) => void;
  /** Called with an error of the cleanup of a stream or of a map's input, after the reader left. */
  readonly onCleanupError: (error: unknown, task: { id: number; name: string }) => void;
  /** Called with an error of the finalizer. `name` is the name of the finalizer, and `id` is 0. */
  readonly onFinalizerError: (error: unknown, task: { id: number; name: string }) => void;
  readonly onCallbackError: (error: unknown, future: Future<unknown>) => void;
}

export class Engine implements Owner, LifeCycleHost {
  readonly unobserved = new Set<UnobservedFailure>();
  readonly events: EventSource;
  readonly pending = new PendingWork();
  readonly dispatcher: Dispatcher;
  readonly life: LifeCycle;
  readonly traits: Traits;
  readonly recorder: Recorder;
  readonly sharing = new Sharing(this);
  readonly actors: ActorRegistry;
  /** Undefined unless the program traces this executor. */
  tracer: Tracer | undefined = undefined;
  readonly #options: EngineOptions;
  readonly #capacity: Capacity;
  /**
   * Futures that wait for an upstream future. The scheduler does not have all of them, so
   * terminate() and `cancelPending` find them here.
   */
  readonly #following = new Set<Future<any>>();

  constructor(options: EngineOptions) {
    keepHiddenClasses();
    this.#options = options;
    this.traits = traitsOf(options.backend);
    this.events = new EventSource(options.name);
    this.actors = new ActorRegistry(this);
    const workerEvents = new WorkerEvents(this.events);
    this.dispatcher = new Dispatcher(options, {
      spawned: (worker) => workerEvents.spawned(worker),
      ready: (worker) => {
        workerEvents.ready(worker);
        this.life.reached(this.workforce.receiving.length);
      },
      recycled: (worker, reason) => workerEvents.recycled(worker, reason),
      ended: (worker, ending, isExpected) => workerEvents.ended(worker, ending, isExpected),
      faulted: (_worker, { error, id, name }) => guarded(() => options.onLeftoverError(error, { id, name })),
      cleanupFailed: ({ error, id, name }) => this.cleanupFailed(error, { id, name }),
      finalizerFailed: (error) =>
        guarded(() => options.onFinalizerError(error, { id: 0, name: options.config.finalizer ?? '' })),
      broken: (error) => this.life.broke(error),
      incomplete: (error) => this.life.incomplete(error),
    });
    this.recorder = new Recorder(this.events, this.dispatcher);
    this.#capacity = new Capacity(options, this.traits, this.dispatcher);
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

  // ── from a call to a run ───────────────────────────────────────────────────────────────────────

  /**
   * Runs a task with `args`. Returns the future of its result.
   *
   * @throws ExecutorShutdownError or BrokenExecutorError if the executor accepts no more work
   * @throws TypeError for a shared value or a stream that can't be passed
   */
  run(task: TaskInfo, args: readonly unknown[], caller: Function = this.run): Future<any> {
    const refusal = this.refusal();
    if (refusal !== undefined) throw refusal;
    const run = this.createRun(task, caller);
    const { future } = run;
    if (!future.isSettled) {
      if (hasFuture(args)) whenArguments(run, args);
      else run.submit(args);
    }
    if (future._state === REJECTED) throwMisuse(future);
    return task.more === undefined ? future : this.#chainAll(task, future, true);
  }

  /**
   * Runs a part of a broadcast. A draining executor does not refuse the part, because it has
   * accepted the broadcast before.
   *
   * @param submit passes the arguments to the run
   * @param pin the worker on which it has to run; any worker if it is undefined
   */
  runPart(task: TaskInfo, submit: (run: TaskRun) => void, pin: JobWorker | undefined): Future<any> {
    const run = this.createRun(task, this.runPart);
    if (pin !== undefined) run.rare.pin = pin;
    if (!run.future.isSettled) submit(run);
    return task.more === undefined ? run.future : this.#chainAll(task, run.future, true, pin);
  }

  /**
   * Returns a future of a task that was submitted before under this id, possibly by another
   * process.
   */
  attach(id: number): Future<any> {
    return this.run({ engine: this, kind: 'attach', steps: [], name: 'attach', options: {}, id }, [], this.attach);
  }

  /** Maximum number of tasks in flight if inputs arrive one by one. */
  get prefetchLimit(): number {
    return this.#capacity.prefetchLimit;
  }

  /**
   * Returns a future of the result of `task`, called with the value of `source`. The future is
   * rejected if the executor accepts no more work.
   *
   * @param pin the worker on which it has to run; any worker if it is undefined
   */
  chain(task: TaskInfo, source: Future<any>, pin?: JobWorker): Future<any> {
    const refusal = this.refusal();
    if (refusal !== undefined) {
      source._observe();
      const refused = new Future<any>(new DetachedProducer(task.name, undefined, this));
      reject(refused, refusal);
      return refused;
    }
    const run = this.createRun(task, this.chain, source);
    const { future } = run;
    if (pin !== undefined) run.rare.pin = pin;
    if (!future.isSettled) run.follow(source);
    return task.more === undefined ? future : this.#chainAll(task, future, source.isSettled, pin);
  }

  /** Chains the later runs of a pipeline. `isThere` is true if the first one has its input. */
  #chainAll({ more = [], limits }: TaskInfo, first: Future<any>, isThere: boolean, pin?: JobWorker): Future<any> {
    const futures = [first];
    for (const task of more) futures.push(this.chain(task, futures.at(-1)!, pin));
    if (limits !== undefined) limitPipeline(limits, futures, isThere);
    return futures.at(-1)!;
  }

  /** Returns the error for a submit at this moment; undefined if the executor accepts it. */
  refusal(): Error | undefined {
    return this.life.refusal();
  }

  /**
   * Creates a run and its future. The caller submits the run or lets it follow `upstream`, unless
   * the future has settled.
   *
   * @param above the function whose callers are in the stack of the submit
   */
  createRun(task: TaskInfo, above: Function, upstream?: Future<any>): TaskRun {
    const { signal } = task.options;
    const run = new TaskRun(task);
    const future = new Future<any>(run, task.id ?? this.traits.nextId?.());
    run.future = future;
    if (task.attempt !== undefined && task.attempt > 1) run.rare.attempt = task.attempt;
    if (callsFunctions(task.options.retry)) run.rare.asyncContext = here();
    if (this.#options.captureStacks) run.rare.stack = submitStack(above);
    const headers = this.tracer?.submitted(run, upstream);
    this.recorder.submitted(run, upstream);
    if (signal?.aborted) future.cancel(signal.reason);
    // A listener of `task-submitted` may have called terminate().
    else if (this.life.continuationRefusal() !== undefined) this.life.settleUnrunnable(future);
    else {
      if (signal !== undefined) listenSignal(signal, future);
      if (task.options.deadline !== undefined) limitRun(run, upstream === undefined);
      if (this.#options.context !== undefined || task.options.context !== undefined || headers !== undefined)
        captureContext(run, this.#options.context, headers);
      if (task.options.key !== undefined && upstream === undefined && !future.isSettled) joinLane(run);
    }
    return run;
  }

  // ── called by runs ─────────────────────────────────────────────────────────────────────────────

  enqueue(run: TaskRun): void {
    if (this.life.continuationRefusal() !== undefined) {
      this.life.settleUnrunnable(run.future);
      return;
    }
    const refusal = this.#capacity.refusal(run);
    if (refusal !== undefined) reject(run.future, refusal);
    else this.dispatcher.enqueue(run);
  }

  /** Enqueues a run whose values a running task waits for. `maxQueue` does not refuse it. */
  enqueueFirst(run: TaskRun): void {
    if (this.life.continuationRefusal() !== undefined) this.life.settleUnrunnable(run.future);
    else this.dispatcher.enqueueFirst(run);
  }

  /**
   * Enqueues a run that was accepted before: a retry, or a run whose worker has ended. `maxQueue`
   * does not refuse it.
   */
  enqueueAgain(run: TaskRun): void {
    const refusal = this.life.continuationRefusal();
    if (refusal !== undefined) reject(run.future, refusal);
    else this.dispatcher.enqueue(run);
  }

  cancelJob(job: Job, reason: unknown): void {
    const sending = this.dispatcher.cancel(job, reason);
    if (sending === undefined) return;
    this.pending.added();
    void sending.then(() => this.pending.ended());
  }

  // ── Owner: called by futures ───────────────────────────────────────────────────────────────────

  /** Adds a future that follows another one. `terminate` and `cancelPending` have to find it. */
  follow(future: Future<any>): void {
    this.#following.add(future);
  }

  unfollow(future: Future<any>): void {
    this.#following.delete(future);
  }

  added(): void {
    this.pending.added();
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

  // ── LifeCycleHost ──────────────────────────────────────────────────────────────────────────────

  /**
   * Returns all futures of this executor that have not settled: on its workers, in its queue, or
   * following another future.
   */
  unsettled(): Future<any>[] {
    const jobs = [...this.workforce.all].flatMap((worker) => worker.inFlight.live());
    const futures = [...jobs, ...this.dispatcher.queuedJobs()].flatMap((job) =>
      job instanceof TaskRun ? [job.future] : [],
    );
    return [...new Set([...futures, ...this.#following])];
  }

  endActors(): boolean {
    return this.actors.endAll();
  }

  /** Called when the last worker has ended. */
  closed(): void {
    this.sharing.close();
    reportAll(this);
    this.events.complete();
    this.pending.close();
  }
}

/**
 * Throws the error of arguments that the caller must not pass. The call fails then, and no caller
 * receives its future.
 */
function throwMisuse(future: Future<any>): void {
  const { _result: error } = future;
  if (!isMisuse(error)) return;
  future._observe();
  throw error;
}
