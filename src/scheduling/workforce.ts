/**
 * How many workers there are: starts them when work waits, replaces them, ends idle ones, and breaks the executor when none will start.
 *
 * One rule covers every failed start, whether the worker can't be made, ends before it is up, can't load the module, fails in the initializer, is
 * late, or comes up and is lost before it has run any of the tasks that wait:
 *
 *   1. while another worker is up, that one goes on with the tasks, and the next start waits for a pause (setbacks.ts);
 *   2. otherwise the third failed start in a row breaks the executor;
 *   3. the first is enough for a fault of the program (module, initializer, startTimeout) if no worker has ever come up and no other one is
 *      starting.
 */
import type { Backend, Ending, WorkerOptions } from '../backend/backend.js';
import { outside } from '../context.js';
import type { BrokenExecutorError } from '../errors.js';
import type { BootStage, SessionConfig } from '../protocol/messages.js';
import { clearTimeout, now, performance } from '../time.js';
import { after } from '../timers.js';
import { trace } from '../trace.js';
import { brokenBy, endedIdle, endedStarting, type FailedStart, notBooted, notInTime, notMade } from './failed-start.js';
import { type Purpose, Setbacks } from './setbacks.js';
import { Worker, type WorkerListener } from './worker.js';

export interface WorkforceOptions {
  readonly name: string;
  readonly backend: Backend;
  readonly config: Omit<SessionConfig, 'workerName'>;
  readonly workerOptions: WorkerOptions;
  readonly maxWorkers: number;
  readonly minWorkers: number;
  /** ms */
  readonly idleTimeout: number;
  readonly maxTasksPerWorker: number;
  /** ms in which the task module must have loaded and the initializer be done. */
  readonly startTimeout: number;
}

export interface WorkforceListener {
  spawned(worker: Worker): void;
  ready(worker: Worker): void;
  /** It gets no more work, and will be replaced. */
  recycled(worker: Worker, reason: RecycleReason): void;
  /** `isExpected`: it was told to go. */
  ended(worker: Worker, ending: Ending, isExpected: boolean): void;
  /** Something threw on a worker that no task was rejected with: what a finished task left behind. */
  faulted(worker: Worker, leftover: Leftover): void;
  /** A stream's cleanup failed when its reader had left. */
  cleanupFailed(failure: Leftover): void;
  /** No worker will start: no more is tried. */
  broken(error: BrokenExecutorError): void;
  /** `ready()` waits for more workers than will start soon. Those that are up go on. */
  incomplete(error: BrokenExecutorError): void;
}

/** Why a worker is replaced: it has run as many tasks as it may, something threw on it, or a task on it would not stop. */
export type RecycleReason = 'worn' | 'faulted' | 'stuck';

/** An error that a task left behind, and the task, where it is known; else id 0 and the worker's name. */
export interface Leftover {
  readonly error: unknown;
  readonly id: number;
  readonly name: string;
}

/** What a worker that ended leaves behind. */
export interface Remains {
  /** Tasks that it had begun. */
  readonly lost: number;
  /** Tasks that wait for a worker. */
  readonly queued: number;
}

/** Starts that may fail in a row: a machine that is short of memory or of file descriptors may get over it. */
const FAILED_STARTS = 3;

/** Reasons to start a worker, for traces. */
const REASONS: Readonly<Record<Purpose, string>> = { task: 'waiting jobs or ready()', spare: 'minWorkers' };

export class Workforce {
  readonly #options: WorkforceOptions;
  readonly #workers: WorkerListener;
  readonly #listener: WorkforceListener;
  readonly #all = new Set<Worker>();
  readonly #setbacks = new Setbacks();
  /** Asks for another {@link Workforce.adjust}. */
  readonly #replan: () => void;
  /** Workers whose failed start or whose loss has been counted. */
  readonly #counted = new WeakSet<Worker>();
  /** Workers that take work. */
  serving: Worker[] = [];
  #count = 0;
  /** Workers that `ready()` waits for. */
  #awaited = 0;
  #pause: { readonly until: number; readonly timer: NodeJS.Timeout } | undefined;
  #hasStartedOne = false;
  #isClosed = false;
  readonly #startTimers = new Map<Worker, NodeJS.Timeout>();
  #sweep: NodeJS.Timeout | undefined;
  #whenEmpty: (() => void)[] = [];
  /** Of workers that have ended, ms. */
  #busyTime = 0;
  #upTime = 0;

  constructor(options: WorkforceOptions, workers: WorkerListener, listener: WorkforceListener, replan: () => void) {
    this.#options = options;
    this.#replan = replan;
    this.#workers = workers;
    this.#listener = listener;
  }

  get all(): Iterable<Worker> {
    return this.#all;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Part of the workers' time in which they had a task. */
  get utilization(): number {
    let busy = this.#busyTime;
    let up = this.#upTime;
    for (const worker of this.#all) {
      busy += worker.busyTime;
      up += worker.upTime;
    }
    return up === 0 ? 0 : Math.min(1, busy / up);
  }

  /** A task on it would not stop, and it has begun nothing that must be finished, or is past that. */
  stuck(worker: Worker): void {
    trace?.('%s: recycled, because a cancelled task on it did not stop within terminateAfter', worker.name);
    this.#left(worker);
    this.#listener.recycled(worker, 'stuck');
  }

  /** The worker with most to give away. */
  fullest(): Worker | undefined {
    let fullest: Worker | undefined;
    for (const worker of this.#all) if (worker.surplus > (fullest?.surplus ?? 0)) fullest = worker;
    return fullest;
  }

  /** Plans that a worker may still be given before it is to be replaced. */
  allowance(worker: Worker): number {
    return this.#options.maxTasksPerWorker - worker.served;
  }

  /** Starts what `queued` jobs and the surplus of busy workers call for. */
  adjust(queued: number): void {
    // Counted anew for each worker: a listener of `worker-spawned` may do anything, ready() and terminate() included.
    for (;;) {
      const purpose = this.#purpose(queued);
      if (purpose === undefined) return;
      const pause = this.#setbacks.pause(purpose, this.#isAnyUp());
      if (pause > 0) {
        this.#adjustIn(pause);
        return;
      }
      this.#spawn(purpose, queued);
    }
  }

  /** At least `count` workers, for `ready()`. */
  ensure(count: number): void {
    if (this.serving.length >= count) return;
    this.#awaited = Math.max(this.#awaited, Math.min(count, this.#options.maxWorkers));
    this.adjust(0);
  }

  /** No more are started, all are told to end. Resolves when the last has ended. */
  close(how: 'leave' | 'kill'): Promise<void> {
    const end = how === 'leave' ? 'ends when its jobs are done' : 'is terminated';
    for (const worker of this.#all) trace?.('%s: %s, because the executor closes', worker.name, end);
    this.#isClosed = true;
    clearTimeout(this.#sweep);
    clearTimeout(this.#pause?.timer);
    const closed = new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    for (const worker of this.#all) {
      if (how === 'leave') worker.leave();
      else worker.kill();
    }
    this.serving = [];
    this.#checkEmpty();
    return closed;
  }

  // ── told by the dispatcher ────────────────────────────────────────────────────────────────────────────────────────

  ready(worker: Worker): void {
    this.#stopStartTimer(worker);
    if (worker.state !== 'ready') return;
    trace?.('%s: ready after %d ms', worker.name, Math.round(now() - worker.madeAt));
    this.#hasStartedOne = true;
    this.#setbacks.started();
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
    this.#left(worker);
    // One that has tasks may finish them well.
    if (leftover !== undefined && worker.inFlight.count === 0) {
      this.#lost(worker, { exitCode: undefined, error: worker.fault }, queued);
    }
    this.#listener.recycled(worker, 'faulted');
    if (leftover !== undefined) this.#listener.faulted(worker, leftover);
  }

  cleanupFailed(failure: Leftover): void {
    this.#listener.cleanupFailed(failure);
  }

  /** It has reported. */
  served(worker: Worker): void {
    if (worker.hasRun) this.#setbacks.worked();
    this.#replaceWorn(worker);
    if (worker.inFlight.count === 0) this.#sweepLater();
  }

  /** A stream on it waits for its reader. If that was the last task that the worker may run, its free place is of no use to other tasks. */
  paused(worker: Worker): void {
    this.#replaceWorn(worker);
  }

  ended(worker: Worker, ending: Ending, { lost, queued }: Remains): void {
    trace?.('%s: ended with code %s; started jobs lost: %d', worker.name, ending.exitCode ?? ending.signal, lost);
    this.#all.delete(worker);
    this.#busyTime += worker.busyTime;
    this.#upTime += worker.upTime;
    this.#stopStartTimer(worker);
    this.#left(worker);
    this.#listener.ended(worker, ending, ending.error === undefined && ending.exitCode === 0);
    if (!worker.hasStarted || (worker.isLost && lost === 0)) this.#lost(worker, ending, queued);
    this.#checkEmpty();
  }

  // ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Whom another worker would be for, if one may be started. */
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
      this.#failed(this.#setbacks.startFailed(madeAt), notMade(workerName, error));
      return;
    }
    trace?.('%s: spawned for %s; queue: %d', workerName, REASONS[purpose], queued);
    this.#all.add(worker);
    if (startTimeout !== Number.POSITIVE_INFINITY) {
      const timer = after(startTimeout, () => this.#startedLate(worker));
      timer.unref();
      this.#startTimers.set(worker, timer);
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
   * A worker has ended by itself, or threw, and had no task. If tasks wait for it and it has run none, the next worker may be lost in the same
   * way, and so on.
   */
  #lost(worker: Worker, ending: Ending, queued: number): void {
    if (!worker.hasStarted) {
      this.#startFailed(worker, endedStarting(worker, ending));
    } else if (!this.#counted.has(worker)) {
      this.#counted.add(worker);
      this.#setbacks.lost(worker.madeAt, worker.upTime);
      if (queued === 0 || worker.hasRun) return;
      this.#failed(this.#setbacks.barren(worker.madeAt), endedIdle(worker, ending));
    }
  }

  #startFailed(worker: Worker, failure: FailedStart): void {
    if (this.#counted.has(worker)) return;
    this.#counted.add(worker);
    trace?.('%s: failed to start: %s', worker.name, failure.message);
    this.#failed(this.#setbacks.startFailed(worker.madeAt), failure);
  }

  /** `inRow` starts in a row have failed, this one included. */
  #failed(inRow: number, failure: FailedStart): void {
    if (this.#isClosed) return;
    // Not only when no other worker starts: of two that fail by turns, one always does.
    if (inRow >= FAILED_STARTS || (failure.isFinal && !this.#hasStartedOne && !this.#isAnyStarting())) {
      if (!this.#isAnyUp()) {
        const next = 'No worker can be started: mend the cause, then make a new Executor.';
        this.#listener.broken(brokenBy(failure, next));
        return;
      }
      if (this.#awaited > 0) {
        const next = `ready() waits for ${this.#awaited} workers, and ${this.serving.length} are up: mend the cause, or lower minWorkers.`;
        this.#awaited = 0;
        this.#listener.incomplete(brokenBy(failure, next));
      }
    }
    this.#replan();
  }

  /** A worker runs tasks, or can. One that is leaving does so only while it has tasks other than streams that wait for their readers. */
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
    trace?.('%s: starts no worker for %d ms, because workers have failed', this.#options.name, Math.ceil(ms));
    clearTimeout(this.#pause?.timer);
    const timer = after(ms, () => {
      this.#pause = undefined;
      this.#replan();
    });
    timer.unref();
    this.#pause = { until, timer };
  }

  #replaceWorn(worker: Worker): void {
    if (worker.state !== 'ready' || worker.served < this.#options.maxTasksPerWorker) return;
    trace?.('%s: recycled after maxTasksPerWorker, %d', worker.name, worker.served);
    worker.leave();
    this.#left(worker);
    this.#listener.recycled(worker, 'worn');
  }

  #stopStartTimer(worker: Worker): void {
    clearTimeout(this.#startTimers.get(worker));
    this.#startTimers.delete(worker);
  }

  #staffed(): number {
    let count = 0;
    for (const worker of this.#all) if (worker.state === 'starting' || worker.state === 'ready') count++;
    return count;
  }

  #left(worker: Worker): void {
    this.serving = this.serving.filter((other) => other !== worker && other.state === 'ready');
  }

  #sweepLater(): void {
    const { idleTimeout } = this.#options;
    if (this.#sweep !== undefined || idleTimeout === Number.POSITIVE_INFINITY || this.#isClosed) return;
    this.#sweep = after(idleTimeout, () => this.#endIdle()).unref();
  }

  #endIdle(): void {
    this.#sweep = undefined;
    const now = performance.now();
    const { idleTimeout, minWorkers } = this.#options;
    for (const worker of this.serving) {
      if (this.#staffed() <= minWorkers) return;
      if (worker.inFlight.count > 0 || now - worker.idleSince < idleTimeout - 1) continue;
      trace?.('%s: terminated after idleTimeout, %d ms', worker.name, idleTimeout);
      worker.leave();
      this.#left(worker);
    }
    if (this.serving.some((worker) => worker.inFlight.count === 0)) this.#sweepLater();
  }

  #checkEmpty(): void {
    if (!this.#isClosed || this.#all.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }
}
