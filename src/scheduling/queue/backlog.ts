/**
 * Holds everything that waits for a worker: queued jobs with and without a key, and parts of a
 * broadcast. Cancels of tasks that run in other processes wait here too. A pause or a rate limit
 * may keep the jobs from starting.
 */
import type { Job } from '../job/job.js';
import { Lanes } from '../lanes/lanes.js';
import { leaveOut, PinnedJobs } from './pinned-jobs.js';
import { PriorityQueue } from './priority-queue.js';
import { RateLimit, type RateLimitOptions } from './rate-limit.js';
import { RemoteCancels } from './remote-cancels.js';

export class Backlog {
  /** Jobs without a key and without a worker of their own. */
  readonly queue = new PriorityQueue();
  /** Jobs with a key. */
  readonly lanes = new Lanes();
  readonly pinned = new PinnedJobs();
  readonly remoteCancels = new RemoteCancels();
  readonly rateLimit: RateLimit | undefined;
  /** No job starts. */
  isPaused = false;

  /** `permitFreed` is called when the rate limit allows another job to start. */
  constructor(rateLimit: RateLimitOptions | undefined, permitFreed: () => void) {
    this.rateLimit = rateLimit === undefined ? undefined : new RateLimit(rateLimit, permitFreed);
  }

  /** Number of jobs that have not been sent. */
  get size(): number {
    return this.queue.size + this.lanes.queued + this.pinned.size;
  }

  /** Number of jobs that the pause and the rate limit allow to start now. */
  get startsAllowed(): number {
    return this.isPaused ? 0 : (this.rateLimit?.freePermits ?? Number.POSITIVE_INFINITY);
  }

  /** Number of queued jobs that may start now on any worker. */
  get startable(): number {
    const waiting = this.queue.size + this.lanes.unbound;
    // The rate limit is asked only if a job waits, because the answer may read the ledger.
    return waiting === 0 ? 0 : Math.min(waiting, this.startsAllowed);
  }

  /** Number of jobs that may start now, and of cancels and actors that wait for a worker. */
  get demand(): number {
    const actors = this.isPaused ? 0 : this.lanes.actors.unassigned.size;
    return this.startable + this.remoteCancels.unsent + actors;
  }

  /** Adds a job. Advances it to `queued`, unless its worker will not run it. */
  add(job: Job): void {
    if (job.place !== undefined) this.lanes.enqueue(job);
    else if (job.pin === undefined) this.queue.push(job);
    else if (!this.pinned.add(job)) leaveOut([job]);
  }

  /** Adds a job before all others of its priority. A job with a key keeps its place there. */
  addFirst(job: Job): void {
    if (job.place === undefined && job.pin === undefined) this.queue.pushFirst(job);
    else this.add(job);
  }

  /** Returns a revoked job to its old position. Advances it to `queued`. */
  putBack(job: Job): void {
    if (job.place !== undefined) this.lanes.enqueue(job);
    else if (job.pin === undefined) this.queue.putBack(job);
    else this.pinned.putBack(job);
  }

  /** Accounts for a queued job that was cancelled. Not called for a part of a broadcast. */
  forget(job: Job): void {
    if (job.place === undefined) this.queue.forget();
    else this.lanes.forget();
  }

  /** Drops the cancels, and lets the process end. */
  close(): void {
    this.remoteCancels.close();
    this.rateLimit?.stop();
  }

  /** The jobs in the order of the queue, those with a key, and the parts of broadcasts. */
  *[Symbol.iterator](): Iterator<Job> {
    yield* this.queue;
    yield* this.lanes;
    yield* this.pinned;
  }
}
