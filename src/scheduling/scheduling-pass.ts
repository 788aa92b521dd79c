/**
 * A scheduling pass decides which queued job runs on which worker. Parts of a broadcast, which may
 * run on one worker only, are sent first. Then it has five steps, which are why this file is long:
 *
 *   1. `#preempt`: If an urgent job is queued, less urgent jobs that no worker has claimed are
 *      revoked.
 *   2. `#unblock`: Jobs that wait behind a long task are revoked. They return to their old place in
 *      the queue.
 *   3. `#assign`: Queued jobs are dispatched. Each worker receives as many as its window allows
 *      (window.ts: 5 ms of work).
 *   4. `#steal`: If no queued job may start, an idle worker receives half of the surplus of the
 *      fullest worker.
 *   5. `adjust`: If jobs are left over, workers are started.
 *
 * Dispatching ahead makes tiny tasks cheap. The ledger makes it safe, because it decides this race:
 *
 *   1. The main thread has sent jobs a, b and c to worker W. W runs a, which takes long.
 *   2. The main thread revokes c, then b, to send them to another worker. The newest job is first.
 *   3. At the same moment, W may finish a and claim b. Both sides use a compare-and-exchange on the
 *      cell of b, so exactly one of them succeeds. If W wins, `revoke` returns false and b runs on
 *      W. If the main thread wins, W skips b and reports that.
 *   4. The cell is used again only after that report. W can't confuse b with the next job in the
 *      cell, because W holds nothing that names b any more.
 */
import { outside } from '#platform/context';
import { queueMicrotask, setTimeout, type Timer, unref } from '#platform/time';
import { listOf, trace } from '#platform/trace';
import { isUnpinned, type Job, treeSize } from './job.js';
import type { Load } from './load.js';
import type { PinnedJobs } from './pinned-jobs.js';
import type { PriorityQueue } from './priority-queue.js';
import type { RateLimit } from './rate-limit.js';
import type { RemoteCancels } from './remote-cancels.js';
import { STALLED_AFTER_MS } from './window.js';
import type { Worker } from './worker.js';
import type { Workforce } from './workforce.js';

/** ms of surplus work that make stealing worthwhile: a few round trips. */
const MIN_STEAL_MS = 0.5;

export class SchedulingPass {
  readonly #queue: PriorityQueue;
  readonly #remoteCancels: RemoteCancels;
  readonly #workforce: Workforce;
  readonly #pinned: PinnedJobs;
  readonly #rateLimit: RateLimit | undefined;
  /** No job starts. */
  isPaused = false;
  #recheck: Timer | undefined;

  constructor(
    queue: PriorityQueue,
    remoteCancels: RemoteCancels,
    workforce: Workforce,
    pinned: PinnedJobs,
    rateLimit: RateLimit | undefined,
  ) {
    this.#queue = queue;
    this.#remoteCancels = remoteCancels;
    this.#workforce = workforce;
    this.#pinned = pinned;
    this.#rateLimit = rateLimit;
  }

  /** Number of jobs and cancels that wait for a worker, without jobs that may not start now. */
  get backlog(): number {
    return this.#startable + this.#remoteCancels.unsent;
  }

  /** Number of queued jobs that may start now. */
  get #startable(): number {
    // The rate limit is not asked without need, because its answer may read the ledger.
    return this.#queue.size === 0 ? 0 : Math.min(this.#queue.size, this.startsAllowed);
  }

  /** Number of jobs that the pause and the rate limit allow to start now. */
  get startsAllowed(): number {
    return this.isPaused ? 0 : (this.#rateLimit?.room ?? Number.POSITIVE_INFINITY);
  }

  run(): void {
    // A backend whose tasks belong to several processes has one worker.
    const first = this.#workforce.serving[0];
    if (first !== undefined) this.#remoteCancels.sendTo(first);
    if (!this.isPaused) this.#dispatch();
    this.#workforce.adjust(this.backlog);
  }

  #dispatch(): void {
    if (this.#pinned.size > 0) this.#sendPinned();
    if (this.#queue.size > 0) {
      this.#preempt();
      this.#unblock();
      this.#assign();
    }
    this.#steal();
    if (this.#rateLimit !== undefined) this.#awaitRoom(this.#rateLimit);
  }

  /** Repeats the pass when the rate limit allows another job to start. */
  #awaitRoom(rateLimit: RateLimit): void {
    // A place may have become free after a step of this pass has found none.
    const isFull = rateLimit.room === 0 || rateLimit.wasFull;
    rateLimit.wasFull = false;
    if (isFull && this.#queue.size + this.#pinned.size > 0) rateLimit.wait();
    else rateLimit.stop();
  }

  /** Sends jobs that may run on one worker only, if that worker can start them at once. */
  #sendPinned(): void {
    for (const target of this.#pinned.targets) {
      const worker = target as Worker;
      if (worker.state !== 'ready') {
        this.leaveOut(this.#pinned.takeAll(worker));
        continue;
      }
      this.#revoke([worker], 'a broadcast waits for this worker', ({ inFlight }) =>
        inFlight.revokeNewest(Number.POSITIVE_INFINITY, isUnpinned),
      );
      while (worker.pinned > 0 && worker.room > 0 && worker.load.busy < worker.window.concurrency) {
        if (this.#rateLimit?.room === 0) return;
        const job = this.#pinned.take(worker)!;
        trace?.('%s: dispatched %s of a broadcast', worker.name, listOf([job]));
        this.#send(worker, [job]);
      }
    }
  }

  /** Informs jobs that their worker will not run them. Their callbacks may do anything. */
  leaveOut(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    queueMicrotask(() => {
      for (const job of jobs) outside(() => job.leftOut());
    });
  }

  #send(worker: Worker, jobs: readonly Job[]): void {
    worker.send(jobs);
    this.#rateLimit?.sent(worker, jobs);
  }

  /** Revokes all jobs that a worker has not claimed. They return to their old place. */
  revokeAll(worker: Worker, reason: string): void {
    this.#revoke([worker], reason, ({ inFlight }) => inFlight.revokeNewest(Number.POSITIVE_INFINITY));
  }

  #revoke(workers: readonly Worker[], reason: string, revoke: (worker: Worker) => Job[]): void {
    const taken = workers.flatMap((worker) => {
      const own = revoke(worker);
      if (own.length > 0) trace?.('%s: revoked %s, because %s', worker.name, listOf(own), reason);
      return own;
    });
    // Newest first: the queue adds each job at its front, so the oldest job ends up first.
    for (const job of taken.sort((a, b) => b.id - a.id)) {
      if (job.pin === undefined) this.#queue.putBack(job);
      else this.#pinned.putBack(job);
    }
  }

  /** If an urgent job is queued, revokes the less urgent jobs that no worker has claimed. */
  #preempt(): void {
    const top = this.#queue.topPriority();
    if (top === undefined || top <= this.#queue.lowestPriority) return;
    const workers = this.#workforce.serving.filter(({ canRevoke }) => canRevoke);
    this.#revoke(workers, `priority ${top} waits`, ({ inFlight }) =>
      inFlight.revokeNewest(Number.POSITIVE_INFINITY, (job) => isUnpinned(job) && job.priority < top),
    );
  }

  /**
   * Revokes the jobs that wait behind a long task. They return to their old place in the queue
   * before any newer job is sent.
   */
  #unblock(): void {
    const stalled = this.#workforce.serving.filter(({ load }) => load.isStalled() && load.surplus > 0);
    this.#revoke(stalled, 'a long task is before them', ({ inFlight, load }) => inFlight.revokeWaiting(load.busy));
  }

  /**
   * Dispatches queued jobs to the workers that have room. If there are fewer jobs than room, every
   * worker receives an equal share.
   */
  #assign(): void {
    const workers = this.#workforce.serving
      .filter((worker) => worker.room > 0 && worker.pinned === 0)
      .sort((a, b) => a.load.busy - b.load.busy);
    for (let i = 0; i < workers.length; i++) {
      const startable = this.#startable;
      if (startable === 0) return;
      const worker = workers[i]!;
      const share = Math.ceil(startable / (workers.length - i));
      this.#fill(worker, worker.room, Math.min(share, this.#workforce.allowance(worker)));
    }
  }

  /**
   * Sends a batch to a worker. `maxJobs` bounds the number of jobs in the batch, and `maxTrees`
   * bounds the number of job trees.
   */
  #fill(worker: Worker, maxJobs: number, maxTrees: number): void {
    const batch: Job[] = [];
    let count = 0;
    while (count < maxJobs && batch.length < maxTrees) {
      const job = this.#queue.take();
      if (job === undefined) break;
      if (job.transfer !== undefined && worker.load.busy + count >= worker.window.concurrency) {
        // Posting moves the transferred arguments away, so the job could not be revoked. It waits
        // for a worker that can start it at once.
        this.#queue.putBack(job);
        break;
      }
      batch.push(job);
      count += treeSize(job);
    }
    if (batch.length === 0) return;
    trace?.('%s: dispatched %s; queue: %d', worker.name, listOf(batch), this.#queue.size);
    this.#send(worker, batch);
  }

  /**
   * Moves half of the surplus of the fullest worker to an idle worker, if the surplus is worth a
   * round trip.
   */
  #steal(): void {
    if (this.#startable > 0) return;
    for (const idle of this.#workforce.serving) {
      if (idle.load.busy >= idle.window.concurrency || idle.room <= 0 || idle.pinned > 0) continue;
      const fullest = this.#workforce.fullest();
      if (fullest === undefined || fullest === idle) return;
      const { surplus } = fullest.load;
      if (!isWorthStealing(surplus, fullest.load)) {
        this.#scheduleRecheck();
        return;
      }
      const taken = fullest.inFlight.revokeNewest(
        Math.min(Math.ceil(surplus / 2), this.#workforce.allowance(idle)),
        isUnpinned,
        idle.room,
      );
      if (taken.length === 0) continue;
      trace?.('%s: stole %s from %s', idle.name, listOf(taken), fullest.name);
      this.#send(idle, taken.reverse());
    }
  }

  /**
   * Repeats the pass after a pause. A surplus that looked short may wait behind a long task, and
   * then no report would cause another pass.
   */
  #scheduleRecheck(): void {
    if (this.#recheck !== undefined) return;
    this.#recheck = setTimeout(() => {
      this.#recheck = undefined;
      this.run();
    }, STALLED_AFTER_MS + 1);
    unref(this.#recheck);
  }
}

function isWorthStealing(surplus: number, load: Load): boolean {
  return load.isStalled() || load.window.timeFor(surplus) > MIN_STEAL_MS;
}
