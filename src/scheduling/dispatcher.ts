/**
 * Decides which job runs on which worker, and when.
 *
 * Jobs that are submitted in one tick are dispatched together, in a microtask. Batches, priorities,
 * chains that join the job tree of their first step, and cancels in the same tick depend on that. A
 * scheduling pass (`#runPass`) also follows each report of a worker. It has five steps:
 *
 *   1. `#preempt`: If an urgent job is queued, less urgent jobs that no worker has claimed are
 *      revoked.
 *   2. `#unblock`: Jobs that wait behind a long task are revoked. They return to their old place in
 *      the queue.
 *   3. `#assign`: Queued jobs are dispatched. Each worker receives as many as its window allows
 *      (window.ts: 5 ms of work).
 *   4. `#steal`: If the queue is empty, an idle worker receives half of the surplus of the fullest
 *      worker.
 *   5. `adjust`: If jobs are left over, workers are started.
 *
 * Dispatching ahead makes tiny tasks cheap. The ledger makes it safe, because it decides this race:
 *
 *   1. The main thread has sent jobs a, b and c to worker W. W runs a, which takes long.
 *   2. The main thread wants to run b and c on another worker. It revokes c, then b: the newest
 *      first.
 *   3. At the same moment, W may finish a and claim b. Both sides use a compare-and-exchange on the
 *      cell of b, so exactly one of them succeeds. If W wins, `revoke` returns false and b runs on
 *      W. If the main thread wins, W skips b and reports that.
 *   4. The cell is used again only after that report. W can't confuse b with the next job in the
 *      cell, because W holds nothing that names b any more.
 */

import type { Ending } from '../backends/backend.js';
import { outside } from '../platform/context.js';
import { queueMicrotask, setTimeout } from '../platform/time.js';
import { listOf, trace } from '../platform/trace.js';
import { LazyValue } from '../protocol/lazy-value.js';
import {
  CANCELLED,
  type FromWorker,
  FULFILLED,
  FULFILLED_BYTES,
  REJECTED,
  SKIPPED,
  UNCLONABLE,
} from '../protocol/messages.js';
import { closeUnused } from '../protocol/transfer.js';
import { decodeError, type ErrorClass, encodeError, type WireError } from '../protocol/wire-error.js';
import { advanceJob, GONE, isAttached, type Job, QUEUED, SENT, treeSize, WAITING } from './job.js';
import { PriorityQueue } from './priority-queue.js';
import { RemoteCancels } from './remote-cancels.js';
import { Terminator } from './terminator.js';
import { TimeSlice } from './time-slice.js';
import { STALLED_AFTER_MS } from './window.js';
import type { Worker, WorkerListener } from './worker.js';
import { workerDied } from './worker-died.js';
import { Workforce, type WorkforceListener, type WorkforceOptions } from './workforce.js';

export interface DispatcherOptions extends WorkforceOptions {
  /** Time in ms for which a task may ignore its abort signal before its worker is terminated. */
  readonly terminateAfter: number;
  /** Error classes of the user, by name, for decoding errors that workers send. */
  readonly errorClasses: Readonly<Record<string, ErrorClass>>;
}

export class Dispatcher implements WorkerListener {
  readonly workforce: Workforce;
  readonly #queue = new PriorityQueue();
  readonly #remoteCancels = new RemoteCancels();
  readonly #terminator: Terminator;
  readonly #errorClasses: Readonly<Record<string, ErrorClass>>;
  readonly #timeSlice = new TimeSlice(() => this.#runPass());
  #isScheduled = false;
  #recheck: NodeJS.Timeout | undefined;
  #lowestPriority = Number.POSITIVE_INFINITY;

  constructor(options: DispatcherOptions, listener: WorkforceListener) {
    this.#errorClasses = options.errorClasses;
    this.workforce = new Workforce(options, this, listener, () => this.schedule());
    this.#terminator = new Terminator(options.terminateAfter, {
      revokeAll: (worker) => {
        this.#revokeUnclaimed([worker], 'the worker is being replaced');
        this.schedule();
      },
      unresponsive: (worker) => this.workforce.unresponsive(worker),
    });
  }

  get queued(): number {
    return this.#queue.size;
  }

  /** Number of jobs and cancels that wait for a worker. */
  get #backlog(): number {
    return this.#queue.size + this.#remoteCancels.unsent;
  }

  /**
   * Number of accepted jobs that have not been reported. Paused streams do not count, because their
   * concurrency slots are free.
   */
  get unreported(): number {
    let count = this.#queue.size;
    for (const worker of this.workforce.all) count += worker.busy;
    return count;
  }

  /** Enqueues a job. It is sent in a microtask at the earliest. Advances the job to `queued`. */
  enqueue(job: Job): void {
    if (job.priority < this.#lowestPriority) this.#lowestPriority = job.priority;
    this.#queue.push(job);
    this.schedule();
  }

  /**
   * Cancels a job: the scheduler never settles it. Advances the job to `gone`.
   *
   * @returns a promise if the job was to attach to a task of another process, which is cancelled by
   *   a message. The promise resolves when the message is confirmed or dropped
   */
  cancel(job: Job, reason: unknown): Promise<void> | undefined {
    const { phase, worker } = job;
    if (phase === GONE) return undefined;
    advanceJob(job, GONE);
    if (phase === QUEUED) {
      this.#queue.forget();
      if (!isAttached(job)) return undefined;
      this.schedule();
      return this.#remoteCancels.add(job.id, reason);
    }
    if (phase === SENT && worker !== undefined) {
      const own = worker as Worker;
      const isRevoked = own.inFlight.revoke(job);
      trace?.('%s: %s #%d, because its future was cancelled', own.name, isRevoked ? 'revoked' : 'aborts', job.id);
      if (isRevoked) this.schedule();
      else this.#terminator.stop(own, job, reason);
    }
    return undefined;
  }

  /**
   * Revokes a job, so that it can be enqueued again. Advances the job to `waiting`.
   *
   * @returns false if the job has started on its worker
   */
  withdraw(job: Job): boolean {
    const worker = job.worker as Worker | undefined;
    if (job.phase !== SENT || worker === undefined) return true;
    if (worker.inFlight.revoke(job)) return true;
    if (worker.hasClaimed(job)) return false;
    // A child process shares no memory, so a message makes it skip the job.
    const { slot, id, attempt } = job;
    worker.post({ type: 'abort', slot, id, attempt, reason: encodeError(undefined, 'reason') });
    worker.inFlight.release(job);
    return true;
  }

  /** Requests a scheduling pass at the end of this tick. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      // The microtask runs in the async context of the first submit. Workers, timers and callbacks
      // of the pass must not inherit that context.
      if (!this.#timeSlice.isOver(0)) outside(() => this.#runPass());
    });
  }

  /** Ends all workers and sends nothing more. Resolves when the last worker has ended. */
  close(how: 'leave' | 'kill'): Promise<void> {
    this.#remoteCancels.close();
    return this.workforce.close(how);
  }

  /** Returns the jobs that have not been sent, in the order of the queue. */
  waitingJobs(): Job[] {
    return [...this.#queue];
  }

  // ── WorkerListener ─────────────────────────────────────────────────────────────────────────────

  ready(worker: Worker): void {
    this.workforce.ready(worker);
    this.#runPass();
  }

  bootFailed(worker: Worker, failure: FromWorker & { type: 'boot-failed' }): void {
    this.workforce.bootFailed(worker, failure.stage, this.#decode(failure.error));
    this.schedule();
  }

  reported(worker: Worker, jobs: readonly (Job | undefined)[], reports: FromWorker & { type: 'reports' }): void {
    // 1. All reported jobs leave the scheduler. A listener of their start or end may have cancelled
    //    some of them already.
    // 2. The worker receives new jobs.
    // 3. Callbacks run. With the callbacks any earlier, the worker would wait for them.
    for (const job of jobs) if (job !== undefined && job.phase !== GONE) advanceJob(job, GONE);
    this.#terminator.reported(worker);
    this.workforce.served(worker);
    if (!this.#timeSlice.isOver(jobs.length)) this.#runPass();
    const { cells, values } = reports;
    for (let i = 0; i < jobs.length; i++) {
      const job = jobs[i];
      if (job !== undefined) this.#deliver(job, cells[2 * i + 1]!, values[i]);
      else if (cells[2 * i + 1] === FULFILLED) closeUnused([values[i]]);
    }
  }

  paused(worker: Worker): void {
    this.workforce.paused(worker);
    this.schedule();
  }

  faulted(worker: Worker, { error, id, name }: FromWorker & { type: 'faulted' }): void {
    worker.fault = this.#decode(error);
    this.#terminator.retire(worker, id === -1);
    const leftover = id === -1 ? undefined : { error: worker.fault, id, name };
    this.workforce.faulted(worker, leftover, this.#backlog);
    this.schedule();
  }

  cleanupFailed({ error, id, name }: FromWorker & { type: 'cleanup-failed' }): void {
    this.workforce.cleanupFailed({ error: this.#decode(error), id, name });
  }

  remoteCancelled(id: number): void {
    this.#remoteCancels.confirmed(id);
  }

  ended(worker: Worker, { exitCode, signal, error = worker.fault }: Ending): void {
    const ending: Ending = { exitCode, signal, error };
    const lost: Job[] = [];
    const kept: Job[] = [];
    for (const job of worker.inFlight.live()) {
      // An unclaimed job with an upstream on this worker follows that upstream. If the root of its
      // tree is enqueued again, so is the job. Otherwise the outcome of the upstream settles it.
      if (!worker.hasClaimed(job) && job.transfer === undefined) kept.push(job);
      else lost.push(job);
    }
    for (const job of lost) advanceJob(job, GONE);
    if (kept.length > 0)
      trace?.('%s: requeued %s, because the worker ended before it started them', worker.name, listOf(kept));
    // The jobs are enqueued before any listener learns of the end, because a listener that calls
    // terminate() must find them in the queue.
    for (const job of kept.reverse()) this.#requeue(worker, job);
    this.#remoteCancels.workerEnded();
    this.workforce.ended(worker, ending, { lost: lost.length, queued: this.#backlog });
    this.schedule();
    for (const job of lost) job.rejected(workerDied(worker, ending));
  }

  /**
   * Enqueues a job that had not started on the ended worker. Advances the job to `queued`, unless
   * it was cancelled meanwhile.
   */
  #requeue(worker: Worker, job: Job): void {
    if (worker.inFlight.waiting(job.slot) !== job) return;
    advanceJob(job, WAITING);
    job.worker = undefined;
    if (job.args !== undefined) this.#queue.putBack(job);
    else job.requeue();
  }

  // ── the scheduling pass ────────────────────────────────────────────────────────────────────────

  #runPass(): void {
    const first = this.workforce.serving[0];
    if (first !== undefined) this.#remoteCancels.sendTo(first);
    if (this.#queue.size > 0) {
      this.#preempt();
      this.#unblock();
      this.#assign();
    }
    this.#steal();
    this.workforce.adjust(this.#backlog);
  }

  /**
   * Dispatches queued jobs to the workers that have room. If there are fewer jobs than room, every
   * worker receives an equal share.
   */
  #assign(): void {
    const workers = this.workforce.serving.filter((worker) => worker.room > 0).sort((a, b) => a.busy - b.busy);
    for (let i = 0; i < workers.length && this.#queue.size > 0; i++) {
      const worker = workers[i]!;
      const share = Math.ceil(this.#queue.size / (workers.length - i));
      this.#fill(worker, Math.min(worker.room, this.workforce.allowance(worker)), share);
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
      if (job.transfer !== undefined && worker.busy + count >= worker.window.concurrency) {
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
    worker.send(batch);
  }

  /** If an urgent job is queued, revokes the less urgent jobs that no worker has claimed. */
  #preempt(): void {
    const top = this.#queue.topPriority();
    if (top === undefined || top <= this.#lowestPriority) return;
    for (const worker of this.workforce.serving) {
      if (!worker.canTakeBack) continue;
      const lower = worker.inFlight.revokeNewest(Number.POSITIVE_INFINITY, (job) => job.priority < top);
      if (lower.length > 0) trace?.('%s: revoked %s, because priority %d waits', worker.name, listOf(lower), top);
      for (const job of lower) this.#queue.putBack(job);
    }
  }

  /**
   * Revokes the jobs that wait behind a long task. They return to their old place in the queue
   * before any newer job is sent.
   */
  #unblock(): void {
    const stalled = this.workforce.serving.filter((worker) => worker.surplus > 0 && worker.isStalled());
    this.#revokeUnclaimed(stalled, 'a long task is before them');
  }

  /**
   * Moves half of the surplus of the fullest worker to an idle worker, if the surplus is worth a
   * round trip.
   */
  #steal(): void {
    if (this.#queue.size > 0) return;
    for (const idle of this.workforce.serving) {
      if (idle.busy >= idle.window.concurrency || idle.room <= 0) continue;
      const fullest = this.workforce.fullest();
      if (fullest === undefined || fullest === idle) return;
      if (!isWorthStealing(fullest)) {
        this.#scheduleRecheck();
        return;
      }
      const taken = fullest.inFlight.revokeNewest(
        Math.min(Math.ceil(fullest.surplus / 2), this.workforce.allowance(idle)),
        undefined,
        idle.room,
      );
      if (taken.length === 0) continue;
      trace?.('%s: stole %s from %s', idle.name, listOf(taken), fullest.name);
      idle.send(taken.reverse());
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
      this.#runPass();
    }, STALLED_AFTER_MS + 1).unref();
  }

  #revokeUnclaimed(workers: readonly Worker[], reason: string): void {
    const taken = workers.flatMap((worker) => {
      const own = worker.inFlight.revokeNewest(Number.POSITIVE_INFINITY);
      if (own.length > 0) trace?.('%s: revoked %s, because %s', worker.name, listOf(own), reason);
      return own;
    });
    // Newest first: the queue adds each job at its front, so the oldest job ends up first.
    for (const job of taken.sort((a, b) => b.id - a.id)) this.#queue.putBack(job);
  }

  #deliver(job: Job, kind: number, payload: unknown): void {
    switch (kind) {
      case FULFILLED:
        job.fulfilled(payload);
        break;
      case FULFILLED_BYTES:
        job.fulfilled(new LazyValue(payload as Uint8Array));
        break;
      case REJECTED:
        job.rejected(this.#decode(payload as WireError));
        break;
      case UNCLONABLE:
        job.unclonable(this.#decode(payload as WireError));
        break;
      case CANCELLED:
        job.cancelled(this.#decode(payload as WireError));
        break;
      case SKIPPED:
        // The upstream failed or was cancelled. The outcome of its future settles the future of
        // this job.
        break;
    }
  }

  #decode(error: WireError): unknown {
    return decodeError(error, this.#errorClasses);
  }
}

/** ms of surplus work that make stealing worthwhile: a few round trips. */
const MIN_STEAL_MS = 0.5;

function isWorthStealing(worker: Worker): boolean {
  return worker.surplus > 0 && (worker.isStalled() || worker.window.timeFor(worker.surplus) > MIN_STEAL_MS);
}
