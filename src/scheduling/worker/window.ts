/**
 * Decides how many jobs may be in flight to a worker.
 *
 * The window is large enough that the worker never waits for more jobs. It is small enough that few
 * jobs wait on a worker while another one is idle. It is learned from the pace of the worker's
 * reports.
 */
import { updatedPace } from '../../util/pace.js';

/**
 * ms of work that a worker may prefetch: some tens of round trips, so that the main thread may be
 * late.
 */
const PREFETCH_MS = 5;
/**
 * ms without a message after which a worker counts as overdue: it should have finished all
 * prefetched jobs.
 */
export const OVERDUE_AFTER_MS = 2 * PREFETCH_MS;
/** Maximum number of jobs in the window beyond `concurrency`: half of the ledger. */
const MAX_PREFETCH = 4096;

export class Window {
  #msPerJob: number | undefined;

  /**
   * If `canPrefetch` is false, sent jobs can't be revoked. The worker then receives only jobs that
   * it can start at once.
   */
  constructor(
    readonly concurrency: number,
    readonly canPrefetch = true,
  ) {}

  get size(): number {
    if (!this.canPrefetch) return this.concurrency;
    // Nothing is prefetched while the pace is unknown or slow, so that the order is exactly first
    // come, first served.
    const prefetch = this.#msPerJob === undefined ? 0 : Math.floor(PREFETCH_MS / this.#msPerJob);
    return this.concurrency + Math.min(prefetch, MAX_PREFETCH);
  }

  /** Returns the estimated ms for that many jobs. Infinity if the pace is unknown. */
  timeFor(jobs: number): number {
    return this.#msPerJob === undefined ? Number.POSITIVE_INFINITY : (jobs * this.#msPerJob) / this.concurrency;
  }

  /** Records that the worker ran `jobs` jobs in `ms` ms. */
  observe(jobs: number, ms: number): void {
    if (jobs === 0 || ms <= 0) return;
    const newest = Math.max(ms / jobs, PREFETCH_MS / MAX_PREFETCH);
    // A faster pace may count in full at once: jobs that were sent too early can be revoked.
    this.#msPerJob = updatedPace(this.#msPerJob, newest);
  }
}
