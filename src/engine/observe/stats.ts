/** The counts and times of `executor.stats()`. */
import type { FutureState } from '../../future/state.js';
import type { Engine } from '../engine.js';
import { Histogram, type Percentiles } from './histogram.js';

/** A snapshot of an executor, as plain data. */
export interface ExecutorStats {
  /**
   * Number of futures that have not settled: waiting for an upstream future, queued, dispatched or
   * running.
   */
  readonly pending: number;
  /** Number of pending futures whose tasks are in the queue and not dispatched to a worker. */
  readonly queued: number;
  /** Whether `pause()` was called, and no `resume()` after it. */
  readonly isPaused: boolean;
  /** Number of pending futures whose tasks have started on a worker. */
  readonly running: number;
  /**
   * Number of tasks that were cancelled or timed out and still run on a worker of this executor.
   * Their futures have settled, so they are not pending.
   */
  readonly lingering: number;
  /** Number of tasks that were submitted so far. */
  readonly submitted: number;
  /** Number of futures that were fulfilled. */
  readonly fulfilled: number;
  /** Number of futures that were rejected. */
  readonly rejected: number;
  /** Number of futures that were cancelled. */
  readonly cancelled: number;
  /** Number of retries. */
  readonly retried: number;
  /** Number of workers in each state. */
  readonly workers: {
    readonly starting: number;
    readonly idle: number;
    readonly busy: number;
    /** Number of workers that are ending or will end after their current tasks. */
    readonly leaving: number;
  };
  /** The actors that have neither ended nor died. */
  readonly actors: {
    readonly total: number;
    /** Number of actors on each worker that has any, by the name of the worker. */
    readonly byWorker: Readonly<Record<string, number>>;
  };
  /**
   * Time from the submit of a task to its start, for all runs whose end has been reported. Runs
   * that were retried count too.
   */
  readonly waitTime: Percentiles;
  /** Time on the worker, for the same runs. */
  readonly runTime: Percentiles;
  /**
   * Share of the time in which the workers had a task, from 0 to 1, counted since each worker was
   * ready. A running task counts only after it is reported.
   */
  readonly utilization: number;
}

export class Counters {
  submitted = 0;
  fulfilled = 0;
  rejected = 0;
  cancelled = 0;
  retried = 0;
  readonly waitTime = new Histogram();
  readonly runTime = new Histogram();

  settled(state: FutureState): void {
    if (state === 'fulfilled') this.fulfilled++;
    else if (state === 'rejected') this.rejected++;
    else this.cancelled++;
  }
}

/** @internal */
export function statsOf(engine: Engine): ExecutorStats {
  const { recorder, dispatcher, pending } = engine;
  const workers = { starting: 0, idle: 0, busy: 0, leaving: 0 };
  const byWorker: Record<string, number> = {};
  let running = 0;
  for (const worker of dispatcher.workforce.all) {
    if (worker.state === 'starting') workers.starting++;
    else if (worker.state !== 'ready') workers.leaving++;
    else if (worker.inFlight.count > 0) workers.busy++;
    else workers.idle++;
    if (worker.actors.size > 0) byWorker[worker.name] = worker.actors.size;
    for (const job of worker.inFlight.live()) if (worker.hasClaimed(job)) running++;
  }
  const { submitted, fulfilled, rejected, cancelled, retried, waitTime, runTime } = recorder.counters;
  return {
    pending: pending.count,
    queued: dispatcher.queued,
    isPaused: dispatcher.isPaused,
    running,
    lingering: dispatcher.lingering,
    submitted,
    fulfilled,
    rejected,
    cancelled,
    retried,
    workers,
    actors: { total: dispatcher.backlog.lanes.actors.all.size, byWorker },
    waitTime: waitTime.percentiles(),
    runTime: runTime.percentiles(),
    utilization: dispatcher.workforce.utilization,
  };
}
