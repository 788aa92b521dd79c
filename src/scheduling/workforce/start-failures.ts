/**
 * Decides what follows from workers that fail: the next start waits, or the executor breaks.
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

import { clearTimeout, now, type Timer, unref } from '#platform/time';
import { after, limitOfWorker } from '#platform/timers';
import { trace } from '#platform/trace';
import type { Ending } from '../../backends/ending.js';
import type { Prerequisite, SessionConfig } from '../../protocol/messages.js';
import type { Worker } from '../worker/worker.js';
import { endedIdle, endedStarting, type FailedStart, notBooted, notInTime, notMade } from './failed-start.js';
import { type Purpose, StartBackoff } from './start-backoff.js';
import type { WorkerSet } from './worker-set.js';

export interface StartOptions {
  readonly name: string;
  readonly config: Omit<SessionConfig, 'workerName'>;
  /** ms in which a worker must load the task module and finish the initializer. */
  readonly startTimeout: number;
}

export interface StartFailuresHost {
  /** Requests another attempt to start the workers that are needed. */
  reschedule(): void;
  /** No worker can be started, and no further start is tried. */
  broken(failure: FailedStart): void;
  /** Starts fail, but at least one worker is up. */
  incomplete(failure: FailedStart): void;
}

/**
 * Number of failed starts in a row that break the executor. One failure does not, because a machine
 * may be short of memory or file descriptors for a moment.
 */
const MAX_FAILED_STARTS = 3;

export class StartFailures {
  readonly #options: StartOptions;
  readonly #workers: WorkerSet;
  readonly #host: StartFailuresHost;
  readonly #backoff = new StartBackoff();
  /** Workers whose failed start or idle end has been counted. */
  readonly #counted = new WeakSet<Worker>();
  readonly #timers = new Map<Worker, Timer>();
  #pause: { readonly until: number; readonly timer: Timer } | undefined;
  #hasStartedOne = false;
  #isClosed = false;

  constructor(options: StartOptions, workers: WorkerSet, host: StartFailuresHost) {
    this.#options = options;
    this.#workers = workers;
    this.#host = host;
  }

  /** Returns whether a worker may be started now. After a pause, another attempt is requested. */
  mayStart(purpose: Purpose): boolean {
    const ms = this.#backoff.delayOf(purpose, this.#workers.isAnyUp);
    if (ms > 0) this.#wait(ms);
    return ms <= 0;
  }

  /**
   * Called when the executor closes. Failed starts no longer break the executor, and start no
   * further attempt.
   */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#pause?.timer);
  }

  // ── from the start of a worker to its end ──────────────────────────────────────────────────────

  /** Called when a worker could not be created. */
  notMade(workerName: string, madeAt: number, error: unknown): void {
    trace?.('%s: could not be created: %s', workerName, error);
    this.#failed(this.#backoff.startFailed(madeAt), notMade(workerName, error));
  }

  /** Called when a worker was created. It must be ready within `startTimeout`. */
  made(worker: Worker): void {
    const { startTimeout } = this.#options;
    if (startTimeout === Number.POSITIVE_INFINITY) return;
    const timer = limitOfWorker(startTimeout, () => this.#startedLate(worker));
    this.#timers.set(worker, unref(timer));
  }

  bootFailed(worker: Worker, prerequisite: Prerequisite, error: unknown): void {
    const { name, config } = this.#options;
    this.#startFailed(worker, notBooted(prerequisite, name, config, error));
  }

  /** Called when a worker has loaded the module and finished the initializer. */
  booted(worker: Worker): void {
    this.#stopTimer(worker);
  }

  /** Called when a worker is ready for jobs. */
  ready(): void {
    this.#hasStartedOne = true;
    this.#backoff.started();
  }

  /** Called when a worker has run a task. */
  worked(): void {
    this.#backoff.worked();
  }

  ended(worker: Worker): void {
    this.#stopTimer(worker);
  }

  /**
   * Called when an idle worker has ended by itself, or an error has escaped on it. `queued` is the
   * number of jobs that wait for a worker. If the worker ran none of these jobs, it was
   * unused, which counts as a failed start. The next worker may end in the same way.
   */
  lost(worker: Worker, ending: Ending, queued: number): void {
    if (!worker.hasStarted) {
      this.#startFailed(worker, endedStarting(worker, ending));
    } else if (!this.#counted.has(worker)) {
      this.#counted.add(worker);
      this.#backoff.idleEnded(worker.madeAt, worker.upTime);
      if (queued === 0 || worker.hasRun) return;
      this.#failed(this.#backoff.endedUnused(worker.madeAt), endedIdle(worker, ending));
    }
  }

  #startedLate(worker: Worker): void {
    if (worker.state !== 'starting') return;
    trace?.('%s: terminated, because it was not ready within startTimeout', worker.name);
    worker.kill();
    this.#startFailed(worker, notInTime(worker, this.#options.startTimeout, this.#options.config));
  }

  #stopTimer(worker: Worker): void {
    clearTimeout(this.#timers.get(worker));
    this.#timers.delete(worker);
  }

  // ── what follows ───────────────────────────────────────────────────────────────────────────────

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
    if (inRow >= MAX_FAILED_STARTS || (failure.isFinal && !this.#hasStartedOne && !this.#workers.isAnyStarting)) {
      if (!this.#workers.isAnyUp) {
        this.#host.broken(failure);
        return;
      }
      this.#host.incomplete(failure);
    }
    this.#host.reschedule();
  }

  #wait(ms: number): void {
    const until = now() + ms;
    if (this.#pause !== undefined && this.#pause.until <= until + 1) return;
    clearTimeout(this.#pause?.timer);
    trace?.('%s: starts no worker for %d ms, because workers have failed', this.#options.name, Math.ceil(ms));
    const timer = after(ms, () => {
      this.#pause = undefined;
      this.#host.reschedule();
    });
    this.#pause = { until, timer: unref(timer) };
  }
}
