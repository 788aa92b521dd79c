/** How many workers there are: starts them when work waits, replaces them, ends idle ones, gives up when none will start. */
import type { Backend, Ending, WorkerOptions } from '../backend/backend.js';
import { outside } from '../context.js';
import { BrokenExecutorError, TimeoutError } from '../errors.js';
import { headlineOf } from '../protocol/error-text.js';
import type { BootStage, SessionConfig } from '../protocol/messages.js';
import { clearTimeout, performance } from '../time.js';
import { after } from '../timers.js';
import { Worker, type WorkerListener } from './worker.js';
import { diedStarting } from './worker-died.js';

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
}

/** Why a worker is replaced: it has run as many tasks as it may, something threw on it, or a task on it would not stop. */
export type RecycleReason = 'worn' | 'faulted' | 'stuck';

/** An error that a task left behind, and the task, where it is known; else id 0 and the worker's name. */
export interface Leftover {
  readonly error: unknown;
  readonly id: number;
  readonly name: string;
}

/** Starts that may fail in a row for no known reason, or after some worker has started well: a machine short of memory gets over it. */
const FAILED_STARTS = 3;

export class Workforce {
  readonly #options: WorkforceOptions;
  readonly #workers: WorkerListener;
  readonly #listener: WorkforceListener;
  readonly #all = new Set<Worker>();
  readonly #failed = new WeakSet<Worker>();
  /** Workers that take work. */
  serving: Worker[] = [];
  #count = 0;
  #failures = 0;
  #hasStartedOne = false;
  #isClosed = false;
  readonly #startTimers = new Map<Worker, NodeJS.Timeout>();
  #sweep: NodeJS.Timeout | undefined;
  #whenEmpty: (() => void)[] = [];
  /** Of workers that have ended, ms. */
  #busyTime = 0;
  #upTime = 0;

  constructor(options: WorkforceOptions, workers: WorkerListener, listener: WorkforceListener) {
    this.#options = options;
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
    if (this.#isClosed) return;
    let backlog = queued;
    let here = 0;
    for (const worker of this.#all) {
      if (worker.state === 'starting') backlog--;
      if (worker.state === 'starting' || worker.state === 'ready') here++;
      backlog += worker.surplus;
    }
    for (; here < this.#options.maxWorkers && (backlog > 0 || here < this.#options.minWorkers); here++, backlog--)
      this.#spawn();
  }

  /** At least `count` workers from now on, for `ready()`. */
  ensure(count: number): void {
    for (let here = this.#staffed(); here < Math.min(count, this.#options.maxWorkers); here++) this.#spawn();
  }

  /** No more are started, all are told to end. Resolves when the last has ended. */
  close(how: 'leave' | 'kill'): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#sweep);
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
    this.#failures = 0;
    this.#hasStartedOne = true;
    if (this.#isClosed) return;
    worker.idleSince = performance.now();
    this.serving.push(worker);
    this.#listener.ready(worker);
    this.#sweepLater();
  }

  bootFailed(worker: Worker, stage: BootStage, error: unknown): void {
    this.#failed.add(worker);
    const { module, initializer } = this.#options.config;
    const what = {
      module: `The task module ${module} can't be loaded`,
      initializer: `The initializer ${initializer} failed`,
      connection: `The queue behind the executor ${this.#options.name} can't be reached`,
    }[stage];
    this.#startFailed(`${what}: ${headlineOf(error)}`, error);
    worker.leave();
  }

  faulted(worker: Worker, leftover: Leftover | undefined): void {
    this.#left(worker);
    this.#listener.recycled(worker, 'faulted');
    if (leftover !== undefined) this.#listener.faulted(worker, leftover);
  }

  cleanupFailed(failure: Leftover): void {
    this.#listener.cleanupFailed(failure);
  }

  served(worker: Worker): void {
    if (worker.state === 'ready' && worker.served >= this.#options.maxTasksPerWorker) {
      worker.leave();
      this.#left(worker);
      this.#listener.recycled(worker, 'worn');
    }
    if (worker.inFlight.count === 0) this.#sweepLater();
  }

  ended(worker: Worker, ending: Ending): void {
    const wasStarting = !worker.hasStarted && !this.#failed.has(worker);
    this.#all.delete(worker);
    this.#busyTime += worker.busyTime;
    this.#upTime += worker.upTime;
    this.#stopStartTimer(worker);
    this.#left(worker);
    this.#listener.ended(worker, ending, ending.error === undefined && ending.exitCode === 0);
    if (wasStarting && !this.#isClosed) {
      const death = diedStarting(worker, ending);
      this.#startFailed(death.message, ending.error ?? death, true);
    }
    this.#checkEmpty();
  }

  // ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────

  #spawn(): void {
    const { name, backend, config, workerOptions } = this.#options;
    const workerName = `${name}-${++this.#count}`;
    const worker = outside(() => new Worker(backend, { ...config, workerName }, workerOptions, this.#workers));
    this.#all.add(worker);
    this.#listener.spawned(worker);
    const { startTimeout } = this.#options;
    if (startTimeout === Number.POSITIVE_INFINITY) return;
    const timer = after(startTimeout, () => this.#startedLate(worker));
    timer.unref();
    this.#startTimers.set(worker, timer);
  }

  #startedLate(worker: Worker): void {
    if (worker.state !== 'starting') return;
    this.#failed.add(worker);
    const { module, initializer } = this.#options.config;
    const what = [module && `to import ${module}`, initializer && `to run the initializer ${initializer}`]
      .filter(Boolean)
      .join(' and ');
    const message = `The worker ${worker.name} took more than ${this.#options.startTimeout} ms ${what || 'to start'}`;
    worker.kill();
    this.#startFailed(message, new TimeoutError(`${message}: the startTimeout option`));
  }

  /**
   * A module that doesn't load won't load the next time either: where no worker has started well before, the first failure is enough. A sudden
   * death says less; other workers may be coming up.
   */
  #startFailed(message: string, cause: unknown, isSudden = false): void {
    const enough = this.#hasStartedOne || isSudden ? FAILED_STARTS : 1;
    if (this.#isClosed || ++this.#failures < enough) return;
    this.#listener.broken(
      new BrokenExecutorError(
        `${message.replace(/\.$/, '')}. No worker can be started: mend the cause, then make a new Executor.`,
        {
          cause,
        },
      ),
    );
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
