/**
 * Decides how many workers there are: starts workers for waiting jobs, and replaces them. Other
 * files decide what follows if a start fails (start-failures.ts), and which workers end because
 * they are idle (idle-workers.ts) or too many (excess-workers.ts).
 *
 * This file is long because each event of a worker may change how many workers there have to be.
 */

import { outside } from '#platform/context';
import { now } from '#platform/time';
import { trace } from '#platform/trace';
import { codeOf, type Ending, isOrderly } from '../../backends/ending.js';
import type { Prerequisite } from '../../protocol/messages.js';
import type { Worker } from '../worker/worker.js';
import type { WorkerListener } from '../worker/worker-listener.js';
import { openWorker } from '../worker/worker-messages.js';
import { ExcessWorkers } from './excess-workers.js';
import { type FailedStart, noWorkerStarts, tooFewStart } from './failed-start.js';
import { IdleWorkers } from './idle-workers.js';
import type { Purpose } from './start-backoff.js';
import { StartFailures } from './start-failures.js';
import { WorkerSet } from './worker-set.js';
import type { Leftover, RecycleReason, WorkforceListener } from './workforce-listener.js';
import type { WorkforceOptions } from './workforce-options.js';

/** Jobs at the time when a worker ended. */
export interface Remains {
  /** Number of started tasks that were lost with the worker. */
  readonly lost: number;
  /** Number of tasks that wait for a worker. */
  readonly queued: number;
}

/** Reasons to start a worker, for traces. */
const REASONS: Readonly<Record<Purpose, string>> = { task: 'waiting jobs or ready()', spare: 'minWorkers' };

/** How the workers end at the close: the name of a method of {@link Worker}. */
export type CloseMode = 'leave' | 'terminate' | 'cutOff';

export class Workforce {
  readonly #options: WorkforceOptions;
  readonly #dispatcher: WorkerListener;
  readonly #listener: WorkforceListener;
  readonly #workers = new WorkerSet();
  readonly #failures: StartFailures;
  readonly #idle: IdleWorkers;
  readonly #excess: ExcessWorkers;
  #count = 0;
  /** Number of workers that `ready()` waits for. */
  #awaited = 0;
  #isClosed = false;
  #whenClosed: (() => void)[] = [];

  /** `reschedule` requests another {@link Workforce.adjust}. */
  constructor(
    options: WorkforceOptions,
    dispatcher: WorkerListener,
    listener: WorkforceListener,
    reschedule: () => void,
  ) {
    this.#options = options;
    this.#dispatcher = dispatcher;
    this.#listener = listener;
    this.#failures = new StartFailures(options, this.#workers, {
      reschedule,
      broken: (failure) => this.#listener.broken(noWorkerStarts(failure)),
      incomplete: (failure) => this.#incomplete(failure),
    });
    this.#idle = new IdleWorkers(options, this.#workers);
    this.#excess = new ExcessWorkers(options.maxWorkers, this.#workers);
  }

  /** Workers that have not ended. */
  get all(): Iterable<Worker> {
    return this.#workers.all;
  }

  /** Workers that may receive jobs. */
  get receiving(): readonly Worker[] {
    return this.#workers.receiving;
  }

  /** Fraction of the up time of all workers in which they had a task. */
  get utilization(): number {
    return this.#workers.utilization;
  }

  /**
   * A task on this worker does not stop. Stops dispatching to the worker and reports it
   * as recycled. Other tasks may still be running on it.
   */
  unresponsive(worker: Worker): void {
    this.#workers.stopReceiving(worker);
    this.#listener.recycled(worker, 'unresponsive');
  }

  /** Ends idle workers beyond `maxWorkers`, after a lingering task has stopped. */
  endExcess(): void {
    if (!this.#isClosed) this.#excess.end();
  }

  /** Replaces a worker. It finishes the jobs that it has, then its finalizer runs. */
  replace(worker: Worker, reason: RecycleReason): void {
    trace?.('%s: recycled (%s) after %d job trees', worker.name, reason, worker.inFlight.treesSent);
    worker.leave();
    this.#workers.stopReceiving(worker);
    this.#listener.recycled(worker, reason);
  }

  /**
   * Returns how many more job trees a worker may receive before it is replaced. A worker with
   * actors is not replaced.
   */
  allowance(worker: Worker): number {
    return worker.actors.size > 0
      ? Number.POSITIVE_INFINITY
      : this.#options.maxTasksPerWorker - worker.inFlight.treesSent;
  }

  get isAnyStarting(): boolean {
    return this.#workers.isAnyStarting;
  }

  /** True if there may be more workers than there are. */
  get mayGrow(): boolean {
    const { maxWorkers } = this.#options;
    return !this.#isClosed && this.#workers.current - this.#workers.replaceable(maxWorkers) < maxWorkers;
  }

  /**
   * Returns how many of `count` actors one worker may have. No limit if no other worker may start.
   */
  shareOf(count: number): number {
    return this.isAnyStarting || this.mayGrow ? Math.ceil(count / this.#options.maxWorkers) : Number.POSITIVE_INFINITY;
  }

  /** True if another worker is starting, or may be started for a waiting job. */
  get isGrowing(): boolean {
    return !this.#isClosed && (this.isAnyStarting || (this.mayGrow && this.#failures.mayStart('task')));
  }

  /** Starts the workers that are needed for `queued` jobs and for the surplus of busy workers. */
  adjust(queued: number): void {
    // The need is computed again for each worker, because a listener of `worker-spawned` may do
    // anything, including ready() and terminate().
    for (;;) {
      const purpose = this.#purpose(queued);
      if (purpose === undefined || !this.#failures.mayStart(purpose)) return;
      this.#spawn(purpose, queued);
    }
  }

  /** Starts workers for `ready()`, until at least `count` are up. */
  ensure(count: number): void {
    if (this.receiving.length >= count) return;
    this.#awaited = Math.max(this.#awaited, Math.min(count, this.#options.maxWorkers));
    this.adjust(0);
  }

  /**
   * Ends all workers and starts no new ones. A later call may end them sooner. Resolves when the
   * last one has ended.
   */
  close(how: CloseMode): Promise<void> {
    this.#isClosed = true;
    this.#failures.close();
    this.#idle.close();
    const closed = new Promise<void>((resolve) => this.#whenClosed.push(resolve));
    const end = how === 'leave' ? 'ends when its jobs are done' : 'is terminated';
    for (const worker of this.all) {
      trace?.('%s: %s, because the executor closes', worker.name, end);
      worker[how]();
    }
    this.#workers.close();
    this.#checkEmpty();
    return closed;
  }

  // ── called after the events of a worker ────────────────────────────────────────────────────────

  ready(worker: Worker): void {
    this.#failures.booted(worker);
    if (worker.state !== 'ready') return;
    trace?.('%s: ready after %d ms', worker.name, Math.round(now() - worker.madeAt));
    this.#failures.ready();
    if (this.#isClosed) return;
    this.#workers.startReceiving(worker);
    if (this.receiving.length >= this.#awaited) this.#awaited = 0;
    this.#listener.ready(worker);
    this.endExcess();
    this.#idle.becameIdle();
  }

  bootFailed(worker: Worker, prerequisite: Prerequisite, error: unknown): void {
    worker.leave();
    this.#failures.bootFailed(worker, prerequisite, error);
  }

  faulted(worker: Worker, leftover: Leftover | undefined, queued: number): void {
    trace?.('%s: recycled after an uncaught error; in flight: %d', worker.name, worker.inFlight.count);
    this.#workers.stopReceiving(worker);
    // A worker with running tasks may still finish them, so it is not lost yet.
    if (leftover !== undefined && worker.inFlight.count === 0) {
      this.#failures.lost(worker, { type: 'failed', error: worker.fault }, queued);
    }
    this.#listener.recycled(worker, 'uncaught-error');
    if (leftover !== undefined) this.#listener.faulted(worker, leftover);
  }

  /** Called after the worker has reported jobs. */
  reported(worker: Worker): void {
    if (worker.hasRun) this.#failures.worked();
    this.freed(worker);
    if (worker.inFlight.count > 0) return;
    this.endExcess();
    this.#idle.becameIdle();
  }

  /**
   * Called when a job or an actor has ended, a stream has paused, or a part of a broadcast no
   * longer waits for the worker. If the worker may run no further task, its free concurrency slot
   * is useless, so the worker is replaced.
   */
  freed(worker: Worker): void {
    // A worker with a waiting part of a broadcast stays, even if it has run its last task.
    if (worker.state !== 'ready' || worker.pinned > 0) return;
    if (this.allowance(worker) <= 0) this.replace(worker, 'max-tasks');
    else if (worker.isHeapFull && worker.actors.size === 0) this.replace(worker, 'max-memory');
  }

  ended(worker: Worker, ending: Ending, { lost, queued }: Remains): void {
    this.#workers.ended(worker);
    this.#failures.ended(worker);
    trace?.('%s: ended with code %s; started jobs lost: %d', worker.name, codeOf(ending), lost);
    this.#listener.ended(worker, ending, isOrderly(ending));
    if (!worker.hasStarted || (worker.isLost && lost === 0)) this.#failures.lost(worker, ending, queued);
    this.#checkEmpty();
  }

  /**
   * Returns the purpose of another worker. `undefined` if none is needed or none may be started.
   */
  #purpose(queued: number): Purpose | undefined {
    if (!this.mayGrow) return undefined;
    const { minWorkers } = this.#options;
    const { current } = this.#workers;
    let backlog = queued;
    for (const { state, load } of this.all) backlog += state === 'starting' ? -1 : load.surplus;
    if (backlog > 0 || current < this.#awaited) return 'task';
    return current < minWorkers ? 'spare' : undefined;
  }

  #spawn(purpose: Purpose, queued: number): void {
    const { name, backend, config, workerOptions, finalizeTimeout } = this.#options;
    const workerName = `${name}-${++this.#count}`;
    const madeAt = now();
    let worker: Worker;
    try {
      worker = outside(() =>
        openWorker(backend, { ...config, workerName }, workerOptions, this.#dispatcher, finalizeTimeout),
      );
    } catch (error) {
      this.#failures.notMade(workerName, madeAt, error);
      return;
    }
    this.#workers.all.add(worker);
    this.#excess.spawned();
    trace?.('%s: spawned for %s; queue: %d', workerName, REASONS[purpose], queued);
    this.#failures.made(worker);
    this.#listener.spawned(worker);
  }

  #incomplete(failure: FailedStart): void {
    if (this.#awaited === 0) return;
    const error = tooFewStart(failure, this.#awaited, this.receiving.length);
    this.#awaited = 0;
    this.#listener.incomplete(error);
  }

  #checkEmpty(): void {
    if (!this.#isClosed || this.#workers.all.size > 0) return;
    for (const resolve of this.#whenClosed.splice(0)) resolve();
  }
}
