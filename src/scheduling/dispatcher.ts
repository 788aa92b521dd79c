/**
 * Takes jobs in, keeps them until they are reported, and delivers their outcomes. The scheduling
 * pass (scheduling-pass.ts) decides which job runs on which worker.
 *
 * Jobs that are submitted in one tick are dispatched together, in a microtask. Batches, priorities,
 * chains that join the job tree of their first step, and cancels in the same tick depend on that. A
 * pass also follows each report of a worker.
 *
 * This file is long because it joins the parts of the scheduler and is the listener of all workers.
 */

import { outside } from '#platform/context';
import { queueMicrotask } from '#platform/time';
import { listOf, trace } from '#platform/trace';
import type { Ending } from '../backends/backend.js';
import type { FromWorker } from '../protocol/messages.js';
import { decodeError, type WireError } from '../protocol/wire-error.js';
import { deliver, type ErrorClasses } from './deliver.js';
import { advanceJob, GONE, isAttached, type Job, QUEUED, SENT, WAITING } from './job.js';
import { PinnedJobs } from './pinned-jobs.js';
import { PriorityQueue } from './priority-queue.js';
import { RateLimit, type RateLimitOptions } from './rate-limit.js';
import { RemoteCancels } from './remote-cancels.js';
import { SchedulingPass } from './scheduling-pass.js';
import { Terminator } from './terminator.js';
import { TimeSlice } from './time-slice.js';
import type { Worker } from './worker.js';
import { workerDied } from './worker-died.js';
import type { WorkerListener } from './worker-listener.js';
import { Workforce } from './workforce.js';
import type { WorkforceListener } from './workforce-listener.js';
import type { WorkforceOptions } from './workforce-options.js';

export interface DispatcherOptions extends WorkforceOptions {
  /**
   * Time in ms for which a task may ignore its abort signal before its worker is terminated. If it
   * is undefined, the default applies, and a blocked worker is terminated earlier.
   */
  readonly terminateAfter: number | undefined;
  /** Error classes of the user, by name, for decoding errors that workers send. */
  readonly errorClasses: ErrorClasses;
  readonly rateLimit?: RateLimitOptions | undefined;
}

export class Dispatcher implements WorkerListener {
  readonly workforce: Workforce;
  readonly #queue = new PriorityQueue();
  readonly #pinned = new PinnedJobs();
  readonly #remoteCancels = new RemoteCancels();
  readonly #rateLimit: RateLimit | undefined;
  readonly #terminator: Terminator;
  readonly #errorClasses: ErrorClasses;
  readonly #listener: WorkforceListener;
  readonly #pass: SchedulingPass;
  readonly #timeSlice = new TimeSlice(() => this.#pass.run());
  #isScheduled = false;

  constructor(options: DispatcherOptions, listener: WorkforceListener) {
    this.#errorClasses = options.errorClasses;
    this.#listener = listener;
    this.workforce = new Workforce(options, this, listener, () => this.schedule());
    const { rateLimit } = options;
    this.#rateLimit = rateLimit === undefined ? undefined : new RateLimit(rateLimit, () => this.schedule());
    this.#pass = new SchedulingPass(this.#queue, this.#remoteCancels, this.workforce, this.#pinned, this.#rateLimit);
    this.#terminator = new Terminator(options.terminateAfter, {
      revokeAll: (worker) => {
        this.#pass.revokeAll(worker, 'the worker is being replaced');
        this.schedule();
      },
      unresponsive: (worker) => this.workforce.unresponsive(worker),
      reschedule: () => {
        this.workforce.endSurplus();
        this.schedule();
      },
    });
  }

  get queued(): number {
    return this.#queue.size + this.#pinned.size;
  }

  get isPaused(): boolean {
    return this.#pass.isPaused;
  }

  /** Number of jobs that `pause` and the rate limit allow to start now. */
  get startsAllowed(): number {
    return this.#pass.startsAllowed;
  }

  /**
   * Number of accepted jobs that have not been reported. Paused streams do not count, because their
   * concurrency slots are free.
   */
  get unreported(): number {
    let count = this.queued;
    for (const worker of this.workforce.all) count += worker.load.busy;
    return count;
  }

  /** Number of tasks that were cancelled or timed out and still run. */
  get lingering(): number {
    return this.#terminator.lingering;
  }

  /** Number of those tasks for which a replacement worker may be started. */
  get replaced(): number {
    return this.#terminator.replaced;
  }

  /** Enqueues a job. It is sent in a microtask at the earliest. Advances the job to `queued`. */
  enqueue(job: Job): void {
    if (job.pin === undefined) this.#queue.push(job);
    else if (!this.#pinned.add(job)) this.#pass.leaveOut([job]);
    this.schedule();
  }

  /** Lets no further job start. Jobs that no worker has claimed return to their old place. */
  pause(): void {
    if (this.#pass.isPaused) return;
    this.#pass.isPaused = true;
    for (const worker of this.workforce.all) this.#pass.revokeAll(worker, 'the executor is paused');
  }

  resume(): void {
    if (!this.#pass.isPaused) return;
    this.#pass.isPaused = false;
    this.schedule();
  }

  /**
   * Cancels a job: the scheduler never settles it. Advances the job to `gone`.
   *
   * @returns a promise if the job was to attach to a task of another process, which is cancelled by
   *   a message. The promise resolves when the message is confirmed or dropped
   */
  cancel(job: Job, reason: unknown): Promise<void> | undefined {
    const { state, worker } = job;
    if (state === GONE) return undefined;
    advanceJob(job, GONE);
    if (state === QUEUED) {
      if (job.pin === undefined) this.#queue.forget();
      else this.#unpin(job, job.pin as Worker);
      // A rate limit may hold a timer for this job.
      if (this.#rateLimit !== undefined || isAttached(job)) this.schedule();
      if (!isAttached(job)) return undefined;
      return this.#remoteCancels.add(job.id, reason);
    }
    if (state === SENT && worker !== undefined) {
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
  revoke(job: Job): boolean {
    const worker = job.worker as Worker | undefined;
    if (job.state !== SENT || worker === undefined) return true;
    if (worker.inFlight.revoke(job)) return true;
    if (worker.hasClaimed(job)) return false;
    // A child process shares no memory, so a message makes it skip the job.
    worker.abort(job, undefined);
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
      if (!this.#timeSlice.isOver(0)) outside(() => this.#pass.run());
    });
  }

  /** Ends all workers and sends nothing more. Resolves when the last worker has ended. */
  close(how: 'leave' | 'kill'): Promise<void> {
    this.#remoteCancels.close();
    this.#rateLimit?.stop();
    return this.workforce.close(how);
  }

  /** Returns the jobs that have not been sent, in the order of the queue. */
  queuedJobs(): Job[] {
    return [...this.#queue, ...this.#pinned];
  }

  // ── WorkerListener ─────────────────────────────────────────────────────────────────────────────

  ready(worker: Worker): void {
    this.workforce.ready(worker);
    this.#pass.run();
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
    for (const job of jobs) if (job !== undefined && job.state !== GONE) advanceJob(job, GONE);
    const { cells, values } = reports;
    if (this.#rateLimit !== undefined) {
      for (let i = 0; i < cells.length; i += 2) this.#rateLimit.reported(worker, cells[i]!, cells[i + 1]!);
    }
    this.#terminator.reported(worker);
    this.workforce.reported(worker);
    if (!this.#timeSlice.isOver(jobs.length)) this.#pass.run();
    for (let i = 0; i < jobs.length; i++) deliver(jobs[i], cells[2 * i + 1]!, values[i], this.#errorClasses);
  }

  roomFreed(worker: Worker): void {
    this.workforce.freed(worker);
    this.schedule();
  }

  faulted(worker: Worker, { error, isRejected, id, name }: FromWorker & { type: 'faulted' }): void {
    worker.fault = this.#decode(error);
    this.#terminator.retire(worker, isRejected);
    const leftover = isRejected ? undefined : { error: worker.fault, id, name };
    this.workforce.faulted(worker, leftover, this.#pass.backlog);
    this.schedule();
  }

  /** Advances the job to `gone`. Its cleanup is limited by `terminateAfter`, as after a cancel. */
  streamFailed(worker: Worker, job: Job | undefined, error: WireError): void {
    if (job === undefined) return;
    const reason = this.#decode(error);
    advanceJob(job, GONE);
    this.#terminator.stop(worker, job, reason);
    job.rejected(reason);
  }

  cleanupFailed({ error, id, name }: FromWorker & { type: 'cleanup-failed' }): void {
    this.#listener.cleanupFailed({ error: this.#decode(error), id, name });
  }

  answered(worker: Worker): void {
    this.#terminator.answered(worker);
  }

  heapFull(worker: Worker): void {
    if (worker.state !== 'ready') return;
    this.#pass.revokeAll(worker, 'its heap has reached maxMemoryPerWorker');
    this.workforce.replace(worker, 'max-memory');
    this.schedule();
  }

  finalized({ error }: FromWorker & { type: 'finalized' }): void {
    if (error !== undefined) this.finalizerFailed(this.#decode(error));
  }

  finalizerFailed(error: unknown): void {
    this.#listener.finalizerFailed(error);
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
    this.#rateLimit?.ended(worker);
    for (const job of kept.reverse()) this.#requeue(worker, job);
    this.#pass.leaveOut(this.#pinned.takeAll(worker));
    this.#remoteCancels.workerEnded();
    this.#terminator.ended(worker);
    this.workforce.ended(worker, ending, { lost: lost.length, queued: this.#pass.backlog });
    this.schedule();
    for (const job of lost) job.rejected(workerDied(worker, ending));
  }

  /**
   * Enqueues a job that had not started on the ended worker. Advances the job to `queued`, unless
   * it was cancelled meanwhile.
   */
  #requeue(worker: Worker, job: Job): void {
    if (worker.inFlight.jobAt(job.slot) !== job) return;
    advanceJob(job, WAITING);
    job.worker = undefined;
    if (job.pin !== undefined) this.#pass.leaveOut([job]);
    else if (job.args !== undefined) this.#queue.putBack(job);
    else job.requeue();
  }

  /**
   * Removes a cancelled part of a broadcast. While the part waited, its worker received no other
   * jobs. The worker receives jobs again, or is replaced if it has run its last task.
   */
  #unpin(job: Job, worker: Worker): void {
    this.#pinned.forget(job);
    this.workforce.freed(worker);
    this.schedule();
  }

  #decode(error: WireError): unknown {
    return decodeError(error, this.#errorClasses);
  }
}
