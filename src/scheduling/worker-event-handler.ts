/**
 * Handles the events of all workers: frees what the worker held, runs a scheduling pass, and
 * delivers the outcomes of jobs.
 */
import { listOf, trace } from '#platform/trace';
import { type Ending, withFault } from '../backends/ending.js';
import type { FromWorker } from '../protocol/messages.js';
import { decodeError, type WireError } from '../protocol/wire-error.js';
import { applyReport, type ErrorClasses } from './job/apply-report.js';
import type { Job } from './job/job.js';
import { advanceJob, GONE, WAITING } from './job/job-state.js';
import type { Revoker } from './pass/revoker.js';
import type { SchedulingPass } from './pass/scheduling-pass.js';
import type { Backlog } from './queue/backlog.js';
import { leaveOut } from './queue/pinned-jobs.js';
import type { Terminator } from './termination/terminator.js';
import type { TimeSlice } from './time-slice.js';
import { loseActors } from './worker/actor-losses.js';
import type { Worker } from './worker/worker.js';
import { actorDied, workerDied } from './worker/worker-died.js';
import type { WorkerListener } from './worker/worker-listener.js';
import type { Workforce } from './workforce/workforce.js';
import type { WorkforceListener } from './workforce/workforce-listener.js';

/** The parts of the scheduler that an event of a worker changes. */
export interface SchedulerParts {
  readonly backlog: Backlog;
  readonly workforce: Workforce;
  readonly revoker: Revoker;
  readonly pass: SchedulingPass;
  readonly terminator: Terminator;
  readonly timeSlice: TimeSlice;
  /** Requests a scheduling pass at the end of this tick. */
  schedule(): void;
  /** Lets the actors leave a worker that receives no more jobs and waits for some. */
  moveActors(worker: Worker): void;
}

export class WorkerEventHandler implements WorkerListener {
  readonly #parts: SchedulerParts;
  readonly #errorClasses: ErrorClasses;
  readonly #listener: WorkforceListener;

  /** The parts may be created after this object. They are first used when a worker is ready. */
  constructor(parts: SchedulerParts, errorClasses: ErrorClasses, listener: WorkforceListener) {
    this.#parts = parts;
    this.#errorClasses = errorClasses;
    this.#listener = listener;
  }

  ready(worker: Worker): void {
    this.#parts.workforce.ready(worker);
    this.#parts.pass.run();
  }

  bootFailed(worker: Worker, failure: FromWorker & { type: 'boot-failed' }): void {
    this.#parts.workforce.bootFailed(worker, failure.prerequisite, this.#decode(failure.error));
    this.#parts.schedule();
  }

  reported(worker: Worker, jobs: readonly (Job | undefined)[], reports: FromWorker & { type: 'reports' }): void {
    // 1. All reported jobs leave the scheduler. A listener of their start or end may have cancelled
    //    some of them already.
    // 2. The worker receives new jobs.
    // 3. Callbacks run. If they ran earlier, the worker would wait for them.
    for (const job of jobs) if (job !== undefined && job.state !== GONE) advanceJob(job, GONE);
    const { backlog, terminator, workforce, timeSlice, pass } = this.#parts;
    const { cells, values } = reports;
    if (backlog.rateLimit !== undefined) {
      for (let i = 0; i < cells.length; i += 2) backlog.rateLimit.reported(worker, cells[i]!, cells[i + 1]!);
    }
    terminator.reported(worker);
    workforce.reported(worker);
    if (!timeSlice.isOver(jobs.length)) pass.run();
    for (let i = 0; i < jobs.length; i++) applyReport(jobs[i], cells[2 * i + 1]!, values[i], this.#errorClasses);
  }

  roomFreed(worker: Worker): void {
    this.#parts.workforce.freed(worker);
    this.#parts.schedule();
  }

  faulted(worker: Worker, { error, isRejected, id, name }: FromWorker & { type: 'faulted' }): void {
    const { backlog, terminator, workforce } = this.#parts;
    worker.fault = this.#decode(error);
    terminator.retire(worker, isRejected);
    const leftover = isRejected ? undefined : { error: worker.fault, id, name };
    workforce.faulted(worker, leftover, backlog.demand);
    if (worker.inFlight.count > 0) this.#parts.moveActors(worker);
    this.#parts.schedule();
  }

  /** Advances the job to `gone`. Its cleanup is limited by `terminateAfter`, as after a cancel. */
  streamFailed(worker: Worker, job: Job | undefined, error: WireError): void {
    if (job === undefined) return;
    const reason = this.#decode(error);
    advanceJob(job, GONE);
    this.#parts.terminator.stop(worker, job, reason);
    job.rejected(reason);
  }

  cleanupFailed({ error, id, name }: FromWorker & { type: 'cleanup-failed' }): void {
    this.#listener.cleanupFailed({ error: this.#decode(error), id, name });
  }

  answered(worker: Worker): void {
    this.#parts.terminator.answered(worker);
    this.#parts.schedule();
  }

  heapFull(worker: Worker): void {
    if (worker.state !== 'ready') return;
    worker.isHeapFull = true;
    // The worker is replaced when its last actor has ended (`Workforce.freed`).
    if (worker.actors.size > 0) return;
    this.#parts.revoker.revokeAll(worker, 'its heap has reached maxMemoryPerWorker');
    this.#parts.workforce.replace(worker, 'max-memory');
    this.#parts.schedule();
  }

  finalized({ error }: FromWorker & { type: 'finalized' }): void {
    if (error !== undefined) this.finalizerFailed(this.#decode(error));
  }

  finalizerFailed(error: unknown): void {
    this.#listener.finalizerFailed(error);
  }

  remoteCancelled(id: number): void {
    this.#parts.backlog.remoteCancels.confirmed(id);
  }

  ended(worker: Worker, reported: Ending): void {
    const { backlog, terminator, workforce } = this.#parts;
    const ending = withFault(reported, worker.fault);
    // 1. Each job of the worker is lost with it, or will run elsewhere. The lost jobs leave the
    //    scheduler at once. So a listener that cancels everything doesn't settle them with another
    //    error.
    const { lost, kept } = jobsOf(worker);
    for (const job of lost) advanceJob(job, GONE);
    if (kept.length > 0)
      trace?.('%s: requeued %s, because the worker ended before it started them', worker.name, listOf(kept));
    // 2. The rate limit frees the permits of the kept jobs, because each takes a permit where it
    //    runs next.
    backlog.rateLimit?.ended(worker);
    // 3. The kept jobs are enqueued before any listener learns of the end, because a listener that
    //    calls terminate() must find them in the queue. The newest comes first, because each job
    //    returns to the front.
    for (const job of kept.reverse()) this.#requeue(worker, job);
    worker.inFlight.leaveLanes();
    const losses = loseActors(worker, ending);
    leaveOut(backlog.pinned.takeAll(worker));
    backlog.remoteCancels.workerEnded();
    // 4. The other parts forget the worker, and the listeners learn of its end.
    terminator.ended(worker);
    workforce.ended(worker, ending, { lost: lost.length, queued: backlog.demand });
    this.#parts.schedule();
    // 5. The futures of the lost jobs are rejected last, because their callbacks may do anything.
    for (const job of lost) job.rejected(errorOf(job, worker, ending));
    for (const finish of losses) finish();
  }

  /**
   * Enqueues a job that had not started on the ended worker. Advances the job to `queued`, unless
   * it was cancelled meanwhile.
   */
  #requeue(worker: Worker, job: Job): void {
    if (worker.inFlight.jobAt(job.slot) !== job) return;
    advanceJob(job, WAITING);
    job.worker = undefined;
    if (!job.hasArgs) job.requeue();
    else if (job.pin !== undefined) leaveOut([job]);
    else this.#parts.backlog.putBack(job);
  }

  #decode(error: WireError): unknown {
    return decodeError(error, this.#errorClasses);
  }
}

function errorOf(job: Job, worker: Worker, ending: Ending): Error {
  const actor = job.place?.lane.actor;
  return actor === undefined ? workerDied(worker, job, ending) : actorDied(worker, ending, actor.name, job);
}

/** Returns the jobs that are lost with their worker, and those that can run on another one. */
function jobsOf(worker: Worker): { readonly lost: readonly Job[]; readonly kept: Job[] } {
  const lost: Job[] = [];
  const kept: Job[] = [];
  for (const job of worker.inFlight.live()) {
    // An unclaimed job with an upstream on this worker follows that upstream. If the root of its
    // tree is enqueued again, so is the job. Otherwise the outcome of the upstream settles it.
    if (!worker.hasClaimed(job) && job.transfer === undefined) kept.push(job);
    else lost.push(job);
  }
  return { lost, kept };
}
