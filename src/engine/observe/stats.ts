/** Counts and times, for `executor.stats()`. */
import type { FutureState } from '../../future/state.js';
import type { Engine } from '../engine.js';
import { Histogram, type Percentiles } from './histogram.js';

/** A snapshot of an executor, as plain data. */
export interface ExecutorStats {
  /** Futures that have not settled: waiting for a feeder, queued, sent or running. */
  readonly pending: number;
  /** Of those: in the queue, not sent to any worker. */
  readonly queued: number;
  /** Of those: begun on a worker. */
  readonly running: number;
  readonly submitted: number;
  readonly fulfilled: number;
  readonly rejected: number;
  readonly cancelled: number;
  /** Runs after a failure. */
  readonly retried: number;
  readonly workers: {
    readonly starting: number;
    readonly idle: number;
    readonly busy: number;
    /** Told to end, or about to. */
    readonly leaving: number;
  };
  /** From the submit of a task to its beginning. Of all runs whose end has been reported, those before a retry too. */
  readonly waitTime: Percentiles;
  /** On the worker. Of the same runs. */
  readonly runTime: Percentiles;
  /** The part of the workers' time since they were ready, 0 to 1, in which they had a task. What runs now counts when it is reported. */
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
  const { counters, dispatcher, pending } = engine;
  const workers = { starting: 0, idle: 0, busy: 0, leaving: 0 };
  let running = 0;
  for (const worker of dispatcher.workforce.all) {
    if (worker.state === 'starting') workers.starting++;
    else if (worker.state !== 'ready') workers.leaving++;
    else if (worker.inFlight.count > 0) workers.busy++;
    else workers.idle++;
    for (const job of worker.inFlight.live()) if (worker.hasClaimed(job)) running++;
  }
  const { submitted, fulfilled, rejected, cancelled, retried } = counters;
  return {
    pending: pending.count,
    queued: dispatcher.queued,
    running,
    submitted,
    fulfilled,
    rejected,
    cancelled,
    retried,
    workers,
    waitTime: counters.waitTime.percentiles(),
    runTime: counters.runTime.percentiles(),
    utilization: dispatcher.workforce.utilization,
  };
}
