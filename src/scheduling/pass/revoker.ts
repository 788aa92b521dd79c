/**
 * Revokes jobs that were sent ahead and that no worker has claimed. They return to their old
 * position in the queue.
 */
import { listOf, trace } from '#platform/trace';
import { isMovable, isUnpinned, type Job } from '../job/job.js';
import type { Backlog } from '../queue/backlog.js';
import type { Worker } from '../worker/worker.js';
import type { Workforce } from '../workforce/workforce.js';

const ALL = Number.POSITIVE_INFINITY;
const LOWEST = Number.NEGATIVE_INFINITY;

export class Revoker {
  readonly #backlog: Backlog;
  readonly #workforce: Workforce;

  constructor(backlog: Backlog, workforce: Workforce) {
    this.#backlog = backlog;
    this.#workforce = workforce;
  }

  /** Revokes all jobs that a worker has not claimed. `reason` is for the trace. */
  revokeAll(worker: Worker, reason: string): void {
    this.#revoke([worker], reason, ({ inFlight }) => [...inFlight.revokeNewest(ALL), ...inFlight.revokeCalls()]);
  }

  /** Revokes the jobs that a worker has not claimed, except parts of a broadcast. */
  makeRoomForBroadcast(worker: Worker): void {
    this.#revoke([worker], 'a broadcast waits for this worker', ({ inFlight }) =>
      inFlight.revokeNewest(ALL, isUnpinned),
    );
  }

  /** If an urgent job is queued, revokes the less urgent jobs that no worker has claimed. */
  preempt(): void {
    const { queue, lanes } = this.#backlog;
    const lowest = Math.min(queue.lowestPriority, lanes.lowestPriority);
    const all = Math.max(queue.topPriority() ?? LOWEST, lanes.topPriority ?? LOWEST);
    if (all <= lowest && lanes.size === 0) return;
    const topFor = (worker: Worker) => Math.max(all, worker.lanes.free.first?.priority ?? LOWEST);
    const workers = this.#workforce.receiving.filter((worker) => worker.canRevoke && topFor(worker) > lowest);
    if (workers.length === 0) return;
    this.#revoke(workers, 'a job of a higher priority waits', (worker) => {
      const top = topFor(worker);
      return worker.inFlight.revokeNewest(ALL, (job) => isUnpinned(job) && job.priority < top);
    });
  }

  /** Revokes the jobs that wait behind a long task, before any newer job is sent. */
  unblock(): void {
    const overdue = this.#workforce.receiving.filter(({ load }) => load.isOverdue() && load.surplus > 0);
    this.#revoke(overdue, 'a long task is before them', ({ inFlight, load }) =>
      inFlight.revokeWaiting(load.contending),
    );
  }

  /**
   * Revokes the jobs that wait for a thread which a task seems to block. They have a concurrency
   * slot, so they are not part of the surplus. The worker receives no others until it answers a
   * ping.
   *
   * @returns true if a worker may turn out to be blocked soon, although it sends no message
   */
  leaveBlocked(): boolean {
    const doubtful = this.#workforce.receiving.filter((worker) => worker.isResponsive && worker.mayBlockJobs);
    const silent = doubtful.filter(({ load }) => load.isSilent());
    this.#revoke(silent, 'a task seems to block the thread', (worker) => {
      const revoked = worker.inFlight.revokeNewest(ALL, isMovable);
      if (revoked.length > 0) worker.suspect();
      return revoked;
    });
    return silent.length < doubtful.length;
  }

  #revoke(workers: readonly Worker[], reason: string, revoke: (worker: Worker) => Job[]): void {
    const revoked = workers.flatMap((worker) => {
      const own = revoke(worker);
      if (own.length > 0) trace?.('%s: revoked %s, because %s', worker.name, listOf(own), reason);
      return own;
    });
    // Newest first: the queue adds each job at its front, so the oldest job ends up first. Jobs of
    // one key keep the order of the worker, because a step that runs again has a high id.
    for (const job of revoked) if (job.place !== undefined) this.#backlog.putBack(job);
    const others = revoked.filter(({ place }) => place === undefined);
    for (const job of others.sort((a, b) => b.id - a.id)) this.#backlog.putBack(job);
  }
}
