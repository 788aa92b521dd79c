/**
 * Holds everything that waits for a worker: queued jobs, parts of a broadcast, and cancels of tasks
 * that run in other processes. A pause or a rate limit may keep the jobs from starting.
 */
import type { Job } from '../job/job.js';
import { PinnedJobs } from './pinned-jobs.js';
import { PriorityQueue } from './priority-queue.js';
import { RateLimit, type RateLimitOptions } from './rate-limit.js';
import { RemoteCancels } from './remote-cancels.js';

export class Backlog {
  readonly queue = new PriorityQueue();
  readonly pinned = new PinnedJobs();
  readonly remoteCancels = new RemoteCancels();
  readonly rateLimit: RateLimit | undefined;
  /** No job starts. */
  isPaused = false;

  /** `whenRoom` is called when the rate limit allows another job to start. */
  constructor(rateLimit: RateLimitOptions | undefined, whenRoom: () => void) {
    this.rateLimit = rateLimit === undefined ? undefined : new RateLimit(rateLimit, whenRoom);
  }

  /** Number of jobs that have not been sent. */
  get size(): number {
    return this.queue.size + this.pinned.size;
  }

  /** Number of jobs that the pause and the rate limit allow to start now. */
  get startsAllowed(): number {
    return this.isPaused ? 0 : (this.rateLimit?.room ?? Number.POSITIVE_INFINITY);
  }

  /** Number of queued jobs that may start now. */
  get startable(): number {
    // The rate limit is not asked without need, because its answer may read the ledger.
    return this.queue.size === 0 ? 0 : Math.min(this.queue.size, this.startsAllowed);
  }

  /** Number of jobs and cancels that wait for a worker, without jobs that may not start now. */
  get demand(): number {
    return this.startable + this.remoteCancels.unsent;
  }

  /** Returns a revoked job to its old place. */
  putBack(job: Job): void {
    if (job.pin === undefined) this.queue.putBack(job);
    else this.pinned.putBack(job);
  }

  /** Drops the cancels, and lets the process end. */
  close(): void {
    this.remoteCancels.close();
    this.rateLimit?.stop();
  }

  /** The jobs in the order of the queue, and then the parts of broadcasts. */
  *[Symbol.iterator](): Iterator<Job> {
    yield* this.queue;
    yield* this.pinned;
  }
}
