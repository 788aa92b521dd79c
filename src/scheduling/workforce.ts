/**
 * Decides how many workers there are: starts workers for waiting jobs, replaces them, ends idle
 * ones, and breaks the executor if none can be started.
 *
 * One rule covers every failed start. A worker can fail before it is up: it can't be created, ends,
 * can't load the module, fails in the initializer, or exceeds `startTimeout`. A worker that comes
 * up has failed too if it ends before it ran any of the waiting tasks.
 *
 *   1. While another worker is up, that worker continues with the tasks. The next start waits for a
 *      pause (start-backoff.ts).
 *   2. Otherwise the third failed start in a row breaks the executor.
 *   3. A fault of the program (module, initializer, startTimeout) breaks the executor at once, if
 *      no worker has ever become ready and no other is starting.
 */

import { outside } from '#platform/context';
import { clearTimeout, now, performance, type Timer, unref } from '#platform/time';
import { after } from '#platform/timers';
import { trace } from '#platform/trace';
import type { Backend, Ending, WorkerOptions } from '../backends/backend.js';
import type { BrokenExecutorError } from '../errors.js';
import type { BootStage, SessionConfig } from '../protocol/messages.js';
import { brokenBy, endedIdle, endedStarting, type FailedStart, notBooted, notInTime, notMade } from './failed-start.js';
import { type Purpose, StartBackoff } from './start-backoff.js';
import { Worker, type WorkerListener } from './worker.js';

export interface WorkforceOptions {
  readonly name: string;
  readonly backend: Backend;
  readonly config: Omit<SessionConfig, 'workerName'>;
  readonly workerOptions: WorkerOptions;
  readonly maxWorkers: number;
  readonly minWorkers: number;
  /** ms after which an idle worker ends, as long as `minWorkers` workers remain. */
  readonly idleTimeout: number;
  readonly maxTasksPerWorker: number;
  /** ms in which a worker must load the task module and finish the initializer. */
  readonly startTimeout: number;
}

export interface WorkforceListener {
  spawned(worker: Worker): void;
  ready(worker: Worker): void;
  /** The worker receives no new jobs and will be replaced. */
  recycled(worker: Worker, reason: RecycleReason): void;
  /** The worker ended. `isExpected`: with exit code 0 and without an error. */
  ended(worker: Worker, ending: Ending, isExpected: boolean): void;
  /**
   * An error escaped on a worker, and no task was rejected with it. A finished task left the code
   * that threw.
   */
  faulted(worker: Worker, leftover: Leftover): void;
  /** The cleanup of a stream failed after its reader had left. */
  cleanupFailed(failure: Leftover): void;
  /** No worker can be started, and no further start is tried. */
  broken(error: BrokenExecutorError): void;
  /** `ready()` waits for more workers than can be started soon. Workers that are up continue. */
  incomplete(error: BrokenExecutorError): void;
}

/**
 * Reason why a worker is replaced: it ran `maxTasksPerWorker` tasks, an error escaped on it, or a
 * task ignored its abort signal.
 */
export type RecycleReason = 'max-tasks' | 'uncaught-error' | 'unresponsive';

/**
 * An error that a task left behind, with the id and name of the task. If the task is unknown, `id`
 * is 0 and `name` is the worker's.
 */
export interface Leftover {
  readonly error: unknown;
  readonly id: number;
  readonly name: string;
}

/** Jobs at the time when a worker ended. */
export interface Remains {
  /** Number of started tasks that were lost with the worker. */
  readonly lost: number;
  /** Number of tasks that wait for a worker. */
  readonly queued: number;
}

/**
 * Failed starts in a row that break the executor. A host may recover from a short lack of memory or
 * file descriptors.
 */
const MAX_FAILED_STARTS = 3;

/** Reasons to start a worker, for traces. */
const REASONS: Readonly<Record<Purpose, string>> = { task: 'waiting jobs or ready()', spare: 'minWorkers' };

export class Workforce {
  readonly #options: WorkforceOptions;
  readonly #workers: WorkerListener;
  readonly #listener: WorkforceListener;
  readonly #all = new Set<Worker>();
  readonly #backoff = new StartBackoff();
  /** Requests another {@link Workforce.adjust}. */
  readonly #reschedule: () => void;
  /** Workers whose failed start or loss has been counted. */
  readonly #counted = new WeakSet<Worker>();
  /** Workers that may receive jobs. */
  serving: Worker[] = [];
  #count = 0;
  /** Number of workers that `ready()` waits for. */
  #awaited = 0;
  #pause: { readonly until: number; readonly timer: Timer } | undefined;
  #hasStartedOne = false;
  #isClosed = false;
  readonly #startTimers = new Map<Worker, Timer>();
  #sweep: Timer | undefined;
  #whenClosed: (() => void)[] = [];
  /** ms in which workers that have ended had a task. */
  #busyTime = 0;
  /** ms for which workers that have ended were up. */
  #upTime = 0;

  constructor(options: WorkforceOptions, workers: WorkerListener, listener: WorkforceListener, reschedule: () => void) {
    this.#options = options;
    this.#reschedule = reschedule;
    this.#workers = workers;
    this.#listener = listener;
  }

  get all(): Iterable<Worker> {
    return this.#all;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Fraction of the up time of all workers in which they had a task. */
  get utilization(): number {
    let busy = this.#busyTime;
    let up = this.#upTime;
    for (const worker of this.#all) {
      busy += worker.busyTime;
      up += worker.upTime;
    }
    return up === 0 ? 0 : Math.min(1, busy / up);
  }

  /**
   * A task on this worker ignored its abort signal. Stops dispatching to the worker and reports it
   * as recycled. Other tasks may still be running on it.
   */
  unresponsive(worker: Worker): void {
    trace?.('%s: recycled, because a cancelled task on it did not stop within terminateAfter', worker.name);
    this.#stopDispatching(worker);
    this.#listener.recycled(worker, 'unresponsive');
  }

  /** Returns the worker with the largest surplus. */
  fullest(): Worker | undefined {
    let fullest: Worker | undefined;
    for (const worker of this.#all) if (worker.surplus > (fullest?.surplus ?? 0)) fullest = worker;
    return fullest;
  }

  /** Returns how many more job trees a worker may receive before it is replaced. */
  allowance(worker: Worker): number {
    return this.#options.maxTasksPerWorker - worker.served;
  }

  /** Starts the workers that are needed for `queued` jobs and for the surplus of busy workers. */
  adjust(queued: number): void {
    // The need is computed again for each worker, because a listener of `worker-spawned` may do
    // anything, including ready() and terminate().
    for (;;) {
      const purpose = this.#purpose(queued);
      if (purpose === undefined) return;
      const pause = this.#backoff.pause(purpose, this.#isAnyUp());
      if (pause > 0) {
        this.#adjustIn(pause);
        return;
      }
      this.#spawn(purpose, queued);
    }
  }

  /** Starts workers for `ready()`, until at least `count` are up. */
  ensure(count: number): void {
    if (this.serving.length >= count) return;
    this.#awaited = Math.max(this.#awaited, Math.min(count, this.#options.maxWorkers));
    this.adjust(0);
  }

  /** Ends all workers and starts no new ones. Resolves when the last one has ended. */
  close(how: 'leave' | 'kill'): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    clearTimeout(this.#pause?.timer);
    const closed = new Promise<void>((resolve) => this.#whenClosed.push(resolve));
    const end = how === 'leave' ? 'ends when its jobs are done' : 'is terminated';
    for (const worker of this.#all) trace?.('%s: %s, because the executor closes', worker.name, end);
    for (const worker of this.#all) {
      if (how === 'leave') worker.leave();
      else worker.kill();
    }
    this.serving = [];
    this.#checkEmpty();
    return closed;
  }

  // ── called by the dispatcher ───────────────────────────────────────────────────────────────────

  ready(worker: Worker): void {
    this.#stopStartTimer(worker);
    if (worker.state !== 'ready') return;
    trace?.('%s: ready after %d ms', worker.name, Math.round(now() - worker.madeAt));
    this.#hasStartedOne = true;
    this.#backoff.started();
    if (this.#isClosed) return;
    worker.idleSince = performance.now();
    this.serving.push(worker);
    if (this.serving.length >= this.#awaited) this.#awaited = 0;
    this.#listener.ready(worker);
    this.#sweepLater();
  }

  bootFailed(worker: Worker, stage: BootStage, error: unknown): void {
    worker.leave();
    this.#startFailed(worker, notBooted(stage, this.#options.name, this.#options.config, error));
  }

  faulted(worker: Worker, leftover: Leftover | undefined, queued: number): void {
    trace?.('%s: recycled after an uncaught error; in flight: %d', worker.name, worker.inFlight.count);
    this.#stopDispatching(worker);
    // A worker with running tasks may still finish them, so it is not lost yet.
    if (leftover !== undefined && worker.inFlight.count === 0) {
      this.#lost(worker, { exitCode: undefined, error: worker.fault }, queued);
    }
    this.#listener.recycled(worker, 'uncaught-error');
    if (leftover !== undefined) this.#listener.faulted(worker, leftover);
  }

  cleanupFailed(failure: Leftover): void {
    this.#listener.cleanupFailed(failure);
  }

  /** Called after the worker has reported jobs. */
  served(worker: Worker): void {
    if (worker.hasRun) this.#backoff.worked();
    this.#replaceAfterMaxTasks(worker);
    if (worker.inFlight.count === 0) this.#sweepLater();
  }

  /**
   * A stream on the worker paused. If the stream is the last task that the worker may run, the free
   * concurrency slot is useless, so the worker is replaced.
   */
  paused(worker: Worker): void {
    this.#replaceAfterMaxTasks(worker);
  }

  ended(worker: Worker, ending: Ending, { lost, queued }: Remains): void {
    this.#all.delete(worker);
    this.#busyTime += worker.busyTime;
    this.#upTime += worker.upTime;
    this.#stopStartTimer(worker);
    this.#stopDispatching(worker);
    trace?.('%s: ended with code %s; started jobs lost: %d', worker.name, ending.exitCode ?? ending.signal, lost);
    this.#listener.ended(worker, ending, ending.error === undefined && ending.exitCode === 0);
    if (!worker.hasStarted || (worker.isLost && lost === 0)) this.#lost(worker, ending, queued);
    this.#checkEmpty();
  }

  // ───────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Returns the purpose of another worker. `undefined` if none is needed or none may be started.
   */
  #purpose(queued: number): Purpose | undefined {
    if (this.#isClosed) return undefined;
    let backlog = queued;
    let here = 0;
    for (const worker of this.#all) {
      if (worker.state === 'starting') backlog--;
      if (worker.state === 'starting' || worker.state === 'ready') here++;
      backlog += worker.surplus;
    }
    const { maxWorkers, minWorkers } = this.#options;
    if (here >= maxWorkers) return undefined;
    if (backlog > 0 || here < this.#awaited) return 'task';
    return here < minWorkers ? 'spare' : undefined;
  }

  #spawn(purpose: Purpose, queued: number): void {
    const { name, backend, config, workerOptions, startTimeout } = this.#options;
    const workerName = `${name}-${++this.#count}`;
    const madeAt = now();
    let worker: Worker;
    try {
      worker = outside(() => new Worker(backend, { ...config, workerName }, workerOptions, this.#workers));
    } catch (error) {
      trace?.('%s: could not be created: %s', workerName, error);
      this.#failed(this.#backoff.startFailed(madeAt), notMade(workerName, error));
      return;
    }
    this.#all.add(worker);
    trace?.('%s: spawned for %s; queue: %d', workerName, REASONS[purpose], queued);
    if (startTimeout !== Number.POSITIVE_INFINITY) {
      const timer = after(startTimeout, () => this.#startedLate(worker));
      this.#startTimers.set(worker, unref(timer));
    }
    this.#listener.spawned(worker);
  }

  #startedLate(worker: Worker): void {
    if (worker.state !== 'starting') return;
    trace?.('%s: terminated, because it was not ready within startTimeout', worker.name);
    worker.kill();
    this.#startFailed(worker, notInTime(worker, this.#options.startTimeout, this.#options.config));
  }

  /**
   * Accounts for an idle worker that ended by itself or on which an error escaped. If it ran none
   * of the waiting tasks, that counts as a failed start, because the next worker may be lost in the
   * same way.
   */
  #lost(worker: Worker, ending: Ending, queued: number): void {
    if (!worker.hasStarted) {
      this.#startFailed(worker, endedStarting(worker, ending));
    } else if (!this.#counted.has(worker)) {
      this.#counted.add(worker);
      this.#backoff.lost(worker.madeAt, worker.upTime);
      if (queued === 0 || worker.hasRun) return;
      this.#failed(this.#backoff.endedUnused(worker.madeAt), endedIdle(worker, ending));
    }
  }

  #startFailed(worker: Worker, failure: FailedStart): void {
    if (this.#counted.has(worker)) return;
    this.#counted.add(worker);
    trace?.('%s: failed to start: %s', worker.name, failure.message);
    this.#failed(this.#backoff.startFailed(worker.madeAt), failure);
  }

  /**
   * Handles a failed start. `inRow` is the number of failed starts in a row, including this one.
   */
  #failed(inRow: number, failure: FailedStart): void {
    if (this.#isClosed) return;
    // The limit holds even if another worker is starting: if two workers fail alternately, one of
    // them is always starting.
    if (inRow >= MAX_FAILED_STARTS || (failure.isFinal && !this.#hasStartedOne && !this.#isAnyStarting())) {
      if (!this.#isAnyUp()) {
        const next = 'No worker can be started. Fix the error in `cause`, then create a new Executor.';
        this.#listener.broken(brokenBy(failure, next));
        return;
      }
      if (this.#awaited > 0) {
        const next = `ready() waits for ${this.#awaited} workers, but ${this.serving.length} are up. Fix the error in \`cause\`, or lower minWorkers.`;
        this.#awaited = 0;
        this.#listener.incomplete(brokenBy(failure, next));
      }
    }
    this.#reschedule();
  }

  /**
   * Returns true if a worker runs tasks or can run them. A leaving worker counts only while it has
   * tasks other than paused streams.
   */
  #isAnyUp(): boolean {
    for (const worker of this.#all) {
      if (worker.state === 'ready' || (worker.state === 'leaving' && worker.hasStarted && worker.busy > 0)) return true;
    }
    return false;
  }

  #isAnyStarting(): boolean {
    for (const worker of this.#all) if (worker.state === 'starting') return true;
    return false;
  }

  #adjustIn(ms: number): void {
    const until = now() + ms;
    if (this.#pause !== undefined && this.#pause.until <= until + 1) return;
    clearTimeout(this.#pause?.timer);
    trace?.('%s: starts no worker for %d ms, because workers have failed', this.#options.name, Math.ceil(ms));
    const timer = after(ms, () => {
      this.#pause = undefined;
      this.#reschedule();
    });
    this.#pause = { until, timer: unref(timer) };
  }

  #replaceAfterMaxTasks(worker: Worker): void {
    if (worker.state !== 'ready' || worker.served < this.#options.maxTasksPerWorker) return;
    trace?.('%s: recycled after maxTasksPerWorker, %d', worker.name, worker.served);
    worker.leave();
    this.#stopDispatching(worker);
    this.#listener.recycled(worker, 'max-tasks');
  }

  #stopStartTimer(worker: Worker): void {
    clearTimeout(this.#startTimers.get(worker));
    this.#startTimers.delete(worker);
  }

  #countAlive(): number {
    let count = 0;
    for (const worker of this.#all) if (worker.state === 'starting' || worker.state === 'ready') count++;
    return count;
  }

  #stopDispatching(worker: Worker): void {
    this.serving = this.serving.filter((other) => other !== worker && other.state === 'ready');
  }

  #sweepLater(): void {
    const { idleTimeout } = this.#options;
    if (this.#sweep !== undefined || idleTimeout === Number.POSITIVE_INFINITY || this.#isClosed) return;
    this.#sweep = unref(after(idleTimeout, () => this.#endIdle()));
  }

  #endIdle(): void {
    this.#sweep = undefined;
    const now = performance.now();
    const { idleTimeout, minWorkers } = this.#options;
    for (const worker of this.serving) {
      if (this.#countAlive() <= minWorkers) return;
      if (worker.inFlight.count > 0 || now - worker.idleSince < idleTimeout - 1) continue;
      trace?.('%s: terminated after idleTimeout, %d ms', worker.name, idleTimeout);
      worker.leave();
      this.#stopDispatching(worker);
    }
    if (this.serving.some((worker) => worker.inFlight.count === 0)) this.#sweepLater();
  }

  #checkEmpty(): void {
    if (!this.#isClosed || this.#all.size > 0) return;
    for (const resolve of this.#whenClosed.splice(0)) resolve();
  }
}
