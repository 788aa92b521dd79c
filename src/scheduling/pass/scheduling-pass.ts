/**
 * A scheduling pass decides which queued job runs on which worker. Parts of a broadcast, which may
 * run on one worker only, are sent first. Jobs of actors follow (actor-calls.ts). Then jobs are
 * revoked that wait for a blocked thread (`leaveBlocked` in revoker.ts). Five steps follow:
 *
 *   1. `preempt` (revoker.ts): If an urgent job is queued, less urgent jobs that no worker has
 *      claimed are revoked.
 *   2. `unblock` (revoker.ts): Jobs that wait behind a long task are revoked. They return to their
 *      old position in the queue.
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
 *
 * The file is long because each step of a pass has a method here.
 */
import { setTimeout, type Timer, unref } from '#platform/time';
import { listOf, trace } from '#platform/trace';
import { isMovable, type Job } from '../job/job.js';
import { treeSize } from '../job/job-tree.js';
import type { Backlog } from '../queue/backlog.js';
import { leaveOut } from '../queue/pinned-jobs.js';
import type { RateLimit } from '../queue/rate-limit.js';
import type { Load } from '../worker/load.js';
import { OVERDUE_AFTER_MS } from '../worker/window.js';
import type { Worker } from '../worker/worker.js';
import type { Workforce } from '../workforce/workforce.js';
import { ActorCalls } from './actor-calls.js';
import { extendFull, isAnyFull } from './full-ledgers.js';
import { pickJobs } from './pick-jobs.js';
import type { Revoker } from './revoker.js';

/** ms of surplus work that make stealing worthwhile: a few round trips. */
const MIN_STEAL_MS = 0.5;

export class SchedulingPass {
  readonly #backlog: Backlog;
  readonly #workforce: Workforce;
  readonly #revoker: Revoker;
  readonly #calls: ActorCalls;
  #recheck: Timer | undefined;

  constructor(backlog: Backlog, workforce: Workforce, revoker: Revoker) {
    this.#backlog = backlog;
    this.#workforce = workforce;
    this.#revoker = revoker;
    this.#calls = new ActorCalls(backlog, workforce);
  }

  run(isRecheck = false): void {
    // Only a queue runs tasks of other processes. Its executor has one worker, which stands for all
    // servers.
    const first = this.#workforce.receiving[0];
    if (first !== undefined) this.#backlog.remoteCancels.sendTo(first);
    const { lanes, isPaused } = this.#backlog;
    if (lanes.size > 0) lanes.leaveLostWorkers();
    if (!isPaused) this.#dispatch(isRecheck);
    this.#workforce.adjust(this.#backlog.demand);
    if (lanes.actors.unassigned.size > 0 && !isPaused && this.#calls.assignRest()) this.#sendCalls();
  }

  #dispatch(isRecheck: boolean): void {
    const { pinned, queue, lanes, rateLimit } = this.#backlog;
    if (isRecheck && this.#backlog.size > 0) extendFull(this.#workforce.receiving);
    if (pinned.size > 0) this.#sendPinned();
    if (lanes.actors.all.size > 0) {
      this.#calls.assign();
      this.#sendCalls();
    }
    // A blocked thread reports nothing, so nothing else would cause another pass.
    if (this.#revoker.leaveBlocked()) this.#scheduleRecheck();
    if (queue.size > 0 || lanes.queued > 0) {
      this.#revoker.preempt();
      this.#revoker.unblock();
      this.#assign();
    }
    this.#steal();
    if (this.#backlog.size > 0 && isAnyFull(this.#workforce.receiving)) this.#scheduleRecheck();
    if (rateLimit !== undefined) this.#awaitRoom(rateLimit);
  }

  /** Repeats the pass when the rate limit allows another job to start. */
  #awaitRoom(rateLimit: RateLimit): void {
    // A permit may have become free after a step of this pass has found none.
    const isFull = rateLimit.freePermits === 0 || rateLimit.wasExhausted;
    rateLimit.wasExhausted = false;
    if (isFull && this.#backlog.size > 0) rateLimit.wait();
    else rateLimit.stop();
  }

  /** Sends jobs that may run on one worker only, if that worker can start them at once. */
  #sendPinned(): void {
    const { pinned, rateLimit } = this.#backlog;
    for (const target of pinned.targets) {
      const worker = target as Worker;
      if (worker.state !== 'ready') {
        leaveOut(pinned.takeAll(worker));
        continue;
      }
      this.#revoker.makeRoomForBroadcast(worker);
      while (worker.pinned > 0 && worker.room > 0 && worker.load.contending < worker.window.concurrency) {
        if (rateLimit?.freePermits === 0) return;
        const job = pinned.take(worker)!;
        trace?.('%s: dispatched %s of a broadcast', worker.name, listOf([job]));
        this.#send(worker, [job]);
      }
    }
  }

  #sendCalls(): void {
    this.#calls.send((worker, jobs) => this.#send(worker, jobs));
  }

  #send(worker: Worker, jobs: readonly Job[]): void {
    worker.send(jobs);
    this.#backlog.rateLimit?.sent(worker, jobs);
    if (worker.mayBlockJobs) this.#scheduleRecheck();
  }

  /**
   * Dispatches queued jobs to the workers that have room. If there are fewer jobs than room, every
   * worker receives an equal share.
   */
  #assign(): void {
    const workers = this.#workforce.receiving
      .filter((worker) => worker.room > 0 && worker.pinned === 0)
      .sort((a, b) => a.load.contending - b.load.contending || a.inFlight.count - b.inFlight.count);
    for (let i = 0; i < workers.length; i++) {
      const { startable, lanes } = this.#backlog;
      if (startable === 0 && lanes.queued === 0) return;
      const worker = workers[i]!;
      const share = Math.ceil(startable / (workers.length - i));
      if (lanes.queued > 0) this.#fillWithLanes(worker, share);
      else this.#fill(worker, worker.room, Math.min(share, this.#workforce.allowance(worker)));
    }
  }

  /**
   * Sends a batch to a worker. `maxJobs` bounds the number of jobs in the batch, and `maxTrees`
   * bounds the number of job trees.
   *
   * The source of a stream that a task reads waits for another worker while one starts. Source and
   * reader can then work at the same time.
   */
  #fill(worker: Worker, maxJobs: number, maxTrees: number): void {
    const { queue } = this.#backlog;
    const batch: Job[] = [];
    const apart: Job[] = [];
    let count = 0;
    while (count < maxJobs && batch.length < maxTrees) {
      const job = queue.take();
      if (job === undefined) break;
      if (job.streams?.isAwaited === true && worker.inFlight.count > 0 && this.#workforce.isGrowing) {
        apart.push(job);
        continue;
      }
      if (job.transfer !== undefined && worker.load.contending + count >= worker.window.concurrency) {
        // Posting moves the transferred arguments away, so the job could not be revoked. It waits
        // for a worker that can start it at once.
        queue.putBack(job);
        break;
      }
      batch.push(job);
      count += treeSize(job);
    }
    for (const job of apart.reverse()) queue.putBack(job);
    this.#dispatchTo(worker, batch);
  }

  /** Sends a batch that may contain jobs with a key. `share` is as in pick-jobs.ts. */
  #fillWithLanes(worker: Worker, share: number): void {
    const { queue, lanes, rateLimit, startsAllowed } = this.#backlog;
    const trees = Math.min(this.#workforce.allowance(worker), startsAllowed);
    // A job that the worker holds would keep a permit of the rate limit.
    this.#dispatchTo(worker, pickJobs(worker, queue, lanes, { trees, share, mayHold: rateLimit === undefined }));
  }

  #dispatchTo(worker: Worker, batch: readonly Job[]): void {
    if (batch.length === 0) return;
    trace?.('%s: dispatched %s; queue: %d', worker.name, listOf(batch), this.#backlog.size);
    this.#send(worker, batch);
  }

  /**
   * Moves half of the surplus of the fullest worker to an idle worker, if the surplus is worth a
   * round trip.
   */
  #steal(): void {
    if (this.#backlog.startable > 0) return;
    for (const idle of this.#workforce.receiving) {
      if (idle.load.contending >= idle.window.concurrency || idle.room <= 0 || idle.pinned > 0) continue;
      const fullest = this.#fullest();
      if (fullest === undefined || fullest === idle) return;
      const { surplus } = fullest.load;
      if (!isWorthStealing(surplus, fullest.load)) {
        this.#scheduleRecheck();
        return;
      }
      const stolen = fullest.inFlight.revokeNewest(
        Math.min(Math.ceil(surplus / 2), this.#workforce.allowance(idle)),
        isMovable,
        idle.room,
      );
      if (stolen.length === 0) continue;
      trace?.('%s: stole %s from %s', idle.name, listOf(stolen), fullest.name);
      this.#receiveStolen(idle, stolen.reverse());
    }
  }

  /** Returns the worker with the largest surplus; undefined if none has any. */
  #fullest(): Worker | undefined {
    let fullest: Worker | undefined;
    let most = 0;
    for (const worker of this.#workforce.all) {
      const { surplus } = worker.load;
      if (surplus <= most) continue;
      most = surplus;
      fullest = worker;
    }
    return fullest;
  }

  /** Sends the stolen jobs, oldest first. Jobs with a key return to the backlog before. */
  #receiveStolen(worker: Worker, jobs: readonly Job[]): void {
    const others = jobs.filter(({ place }) => place === undefined);
    if (others.length > 0) this.#send(worker, others);
    if (others.length === jobs.length) return;
    for (const job of jobs.toReversed()) if (job.place !== undefined) this.#backlog.putBack(job);
    this.#fillWithLanes(worker, this.#backlog.lanes.unbound);
  }

  /**
   * Repeats the pass after a pause. A surplus that looked short may wait behind a long task, and
   * then no report would cause another pass.
   */
  #scheduleRecheck(): void {
    if (this.#recheck !== undefined) return;
    this.#recheck = setTimeout(() => {
      this.#recheck = undefined;
      this.run(true);
    }, OVERDUE_AFTER_MS + 1);
    unref(this.#recheck);
  }
}

function isWorthStealing(surplus: number, load: Load): boolean {
  return load.isOverdue() || load.window.timeFor(surplus) > MIN_STEAL_MS;
}
