/**
 * Takes jobs in, and keeps them until they are sent, revoked or cancelled. The scheduling pass
 * (scheduling-pass.ts) decides which job runs on which worker, and worker-event-handler.ts delivers
 * the outcomes.
 *
 * Jobs that are submitted in one tick are dispatched together, in a microtask. Batches, priorities,
 * chains that join the job tree of their first step, and cancels in the same tick depend on that. A
 * pass also follows each report of a worker.
 *
 * The file is long because each way of a job into the scheduler and out of it has a method here.
 */

import { outside } from '#platform/context';
import { queueMicrotask } from '#platform/time';
import { trace } from '#platform/trace';
import type { ErrorClasses } from './job/apply-report.js';
import type { Job } from './job/job.js';
import { advanceJob, GONE, QUEUED, SENT } from './job/job-state.js';
import type { Place } from './job/place.js';
import { Revoker } from './pass/revoker.js';
import { SchedulingPass } from './pass/scheduling-pass.js';
import { Backlog } from './queue/backlog.js';
import type { RateLimitOptions } from './queue/rate-limit.js';
import { Terminator } from './termination/terminator.js';
import { TimeSlice } from './time-slice.js';
import { moveActors } from './worker/actor-losses.js';
import type { Worker } from './worker/worker.js';
import { type SchedulerParts, WorkerEventHandler } from './worker-event-handler.js';
import { type CloseMode, Workforce } from './workforce/workforce.js';
import type { WorkforceListener } from './workforce/workforce-listener.js';
import type { WorkforceOptions } from './workforce/workforce-options.js';

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

export class Dispatcher implements SchedulerParts {
  readonly backlog: Backlog;
  readonly workforce: Workforce;
  readonly revoker: Revoker;
  readonly pass: SchedulingPass;
  readonly terminator: Terminator;
  readonly timeSlice = new TimeSlice(() => this.pass.run());
  #isScheduled = false;
  readonly #turnEnded = () => {
    this.#isScheduled = false;
    // A microtask runs in the async context of the first submit. Workers, timers and callbacks of
    // the pass must not inherit that context.
    if (!this.timeSlice.isOver(0)) outside(() => this.pass.run());
  };

  constructor(options: DispatcherOptions, listener: WorkforceListener) {
    const schedule = () => this.schedule();
    const handler = new WorkerEventHandler(this, options.errorClasses, listener);
    this.backlog = new Backlog(options.rateLimit, schedule);
    this.workforce = new Workforce(options, handler, listener, schedule);
    this.revoker = new Revoker(this.backlog, this.workforce);
    this.pass = new SchedulingPass(this.backlog, this.workforce, this.revoker);
    this.terminator = new Terminator(options.terminateAfter, {
      revokeAll: (worker) => {
        this.revoker.revokeAll(worker, 'the worker is being replaced');
        this.schedule();
      },
      unresponsive: (worker) => this.workforce.unresponsive(worker),
      moveActors: (worker) => this.moveActors(worker),
      reschedule: () => {
        this.workforce.endExcess();
        this.schedule();
      },
    });
  }

  get queued(): number {
    return this.backlog.size;
  }

  /** Number of queued jobs that wait for another job of their key, with all queued calls. */
  get blocked(): number {
    return this.backlog.lanes.blocked;
  }

  /** Number of jobs on workers that wait for another job of their key or actor. */
  get held(): number {
    let count = 0;
    for (const { inFlight } of this.workforce.all) count += inFlight.held + inFlight.heldCalls;
    return count;
  }

  /**
   * Number of queued jobs of actors that wait for no other job. They need no concurrency slot.
   * Constructors that wait for a worker are among them.
   */
  get startableCalls(): number {
    let count = 0;
    for (const { setup } of this.backlog.lanes.actors.unassigned) if (setup?.state === QUEUED) count++;
    for (const { actors } of this.workforce.all) count += actors.free.size;
    return count;
  }

  get isPaused(): boolean {
    return this.backlog.isPaused;
  }

  /** Number of jobs that `pause` and the rate limit allow to start now. */
  get startsAllowed(): number {
    return this.backlog.startsAllowed;
  }

  /**
   * Number of accepted jobs that have not been reported. Paused streams do not count, because their
   * concurrency slots are free.
   */
  get unreported(): number {
    let count = this.queued;
    for (const worker of this.workforce.all) count += worker.load.contending;
    return count;
  }

  /** Number of tasks that were cancelled or timed out and still run. */
  get lingering(): number {
    return this.terminator.lingering;
  }

  /** Number of lingering tasks for which a replacement worker may be started. */
  get replaced(): number {
    return this.terminator.replaced;
  }

  /** Enqueues a job. It is sent in a microtask at the earliest. Advances the job to `queued`. */
  enqueue(job: Job): void {
    this.backlog.add(job);
    this.schedule();
  }

  /** Enqueues a job that a running task waits for, before all others of its priority. */
  enqueueFirst(job: Job): void {
    this.backlog.addFirst(job);
    this.schedule();
  }

  /**
   * Called when the future of a job with a key, or of an actor, has settled. A job behind it may be
   * sent then.
   */
  leaveKey(place: Place): void {
    if (this.backlog.lanes.settled(place)) this.schedule();
  }

  /** Lets no further job start. Jobs that no worker has claimed return to their old position. */
  pause(): void {
    if (this.backlog.isPaused) return;
    this.backlog.isPaused = true;
    for (const worker of this.workforce.all) this.revoker.revokeAll(worker, 'the executor is paused');
  }

  resume(): void {
    if (!this.backlog.isPaused) return;
    this.backlog.isPaused = false;
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
      if (job.pin === undefined) this.backlog.forget(job);
      else this.#unpin(job, job.pin as Worker);
      // The next pass stops the timer of a rate limit that this job may have waited for.
      const { rateLimit, remoteCancels } = this.backlog;
      if (rateLimit !== undefined || job.kind === 'attach') this.schedule();
      return job.kind === 'attach' ? remoteCancels.add(job.id, reason) : undefined;
    }
    if (state === SENT && worker !== undefined) {
      const own = worker as Worker;
      const isRevoked = own.inFlight.revoke(job);
      trace?.('%s: %s #%d, because its future was cancelled', own.name, isRevoked ? 'revoked' : 'aborts', job.id);
      if (isRevoked) this.schedule();
      else this.terminator.stop(own, job, reason);
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

  /**
   * Replaces a worker after the tasks that run on it, because a person asks for it. Its other jobs
   * run elsewhere.
   *
   * @returns false if the worker is not ready, or if an actor is on it
   */
  replace(worker: Worker): boolean {
    if (worker.state !== 'ready' || worker.actors.size > 0) return false;
    this.revoker.revokeAll(worker, 'the worker is being replaced');
    this.workforce.replace(worker, 'requested');
    this.schedule();
    return true;
  }

  /** Lets the actors leave a worker that receives no more jobs and waits for some. */
  moveActors(worker: Worker): void {
    moveActors(worker);
    this.schedule();
  }

  /** Requests a scheduling pass at the end of this tick. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#turnEnded);
  }

  /** Ends all workers and sends nothing more. Resolves when the last worker has ended. */
  close(how: CloseMode): Promise<void> {
    this.backlog.close();
    return this.workforce.close(how);
  }

  /** Returns the jobs that have not been sent, in the order of the queue. */
  queuedJobs(): Job[] {
    return [...this.backlog];
  }

  /**
   * Removes a cancelled part of a broadcast. While the part waited, its worker received no other
   * jobs. The worker receives jobs again, or is replaced if it has run its last task.
   */
  #unpin(job: Job, worker: Worker): void {
    this.backlog.pinned.forget(job);
    this.workforce.freed(worker);
    this.schedule();
  }
}
