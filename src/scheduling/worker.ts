/** A worker as the scheduler sees it: its session, its pace, and the jobs in flight to it. */

import {
  type Backend,
  type Ending,
  type Session,
  type SessionListener,
  traitsOf,
  type WorkerOptions,
} from '../backends/backend.js';
import { outside } from '../platform/context.js';
import { now, performance } from '../platform/time.js';
import { trace } from '../platform/trace.js';
import { explainUnclonable, explainUnmovable } from '../protocol/clone-fault.js';
import { REVOKED, SENT } from '../protocol/ledger.js';
import { type FromWorker, type SessionConfig, SKIPPED, type ToWorker } from '../protocol/messages.js';
import { NoBytesError } from '../protocol/serialize.js';
import { closeUnused } from '../protocol/transfer.js';
import { Credits } from '../util/credits.js';
import { InFlight } from './in-flight.js';
import { creditOf, type Job, type JobWorker } from './job.js';
import { JobTreeEncoder, MAX_TREE_SIZE } from './job-tree-encoder.js';
import { STALLED_AFTER_MS, Window } from './window.js';

export type WorkerState = 'starting' | 'ready' | 'leaving' | 'ended';

/** Events of a worker, for the dispatcher. */
export interface WorkerListener {
  ready(worker: Worker): void;
  bootFailed(worker: Worker, message: FromWorker & { type: 'boot-failed' }): void;
  /**
   * The worker reported slots, which are free again. `jobs[i]` is the job of report `i`, or
   * `undefined` if the job was cancelled or revoked.
   */
  reported(worker: Worker, jobs: readonly (Job | undefined)[], reports: FromWorker & { type: 'reports' }): void;
  /** There is room for another job, because a stream paused or a job could not be posted. */
  paused(worker: Worker): void;
  /**
   * An error escaped all promises on the worker, so the worker must be replaced. `fault.id` is -1
   * if a running task was rejected with the error.
   */
  faulted(worker: Worker, fault: FromWorker & { type: 'faulted' }): void;
  /** The cleanup of a stream failed after its reader had left. */
  cleanupFailed(failure: FromWorker & { type: 'cleanup-failed' }): void;
  ended(worker: Worker, ending: Ending): void;
}

export class Worker implements JobWorker, SessionListener {
  readonly name: string;
  readonly window: Window;
  readonly identity: JobWorker;
  readonly inFlight: InFlight;
  state: WorkerState = 'starting';
  hasStarted = false;
  /** The worker has run a task to its end. */
  hasRun = false;
  /** The worker ended although it was not leaving. */
  isLost = false;
  readonly madeAt = now();
  /** Number of job trees that were sent to the worker. */
  served = 0;
  idleSince = 0;
  /** ms in which the worker had a task, as of its last report. */
  busyTime = 0;
  #readySince = Number.NaN;
  answeredAt = 0;
  /**
   * The uncaught error that made this worker unusable. It becomes the `cause` of the errors of
   * tasks lost with it.
   */
  fault: unknown;
  readonly #session: Session;
  readonly #listener: WorkerListener;
  readonly #encoder: JobTreeEncoder;
  readonly #credits = new Credits();
  /** Time of the last report or stream values, or of the first jobs after an idle time. */
  #lastMessageAt = 0;

  /** Size of the prefetch window in the last trace. */
  #tracedWindow = 0;

  constructor(backend: Backend, config: SessionConfig, options: WorkerOptions, listener: WorkerListener) {
    this.name = config.workerName;
    this.#listener = listener;
    this.#session = backend.open(config, options, this);
    this.#encoder = new JobTreeEncoder(traitsOf(backend).sendsJobOptions);
    this.window = new Window(config.concurrency, this.#session.canTakeBack);
    this.identity = new FormerWorker(this.name, this.#session.threadId);
    this.inFlight = new InFlight(this, this.#session.ledger);
  }

  get threadId(): number | undefined {
    return this.#session.threadId;
  }

  get canTakeBack(): boolean {
    return this.#session.canTakeBack;
  }

  /** Number of jobs that may be sent now. */
  get room(): number {
    if (this.state !== 'ready') return 0;
    const wanted = this.isStalled() ? this.window.concurrency : this.window.size;
    return Math.min(wanted - this.busy, this.inFlight.freeSlots - MAX_TREE_SIZE);
  }

  /** Number of jobs in flight, excluding paused streams. */
  get busy(): number {
    return this.inFlight.count - this.#credits.paused;
  }

  get upTime(): number {
    return Number.isNaN(this.#readySince) ? 0 : Math.max(0, performance.now() - this.#readySince);
  }

  /**
   * The worker runs a long task: no message has arrived for longer than its prefetched jobs should
   * take.
   */
  isStalled(): boolean {
    return this.busy > 0 && performance.now() - this.#lastMessageAt > STALLED_AFTER_MS;
  }

  /** Number of jobs that were sent beyond those that the worker can have started. */
  get surplus(): number {
    return this.state === 'starting' ? 0 : Math.max(0, this.busy - this.window.concurrency);
  }

  hasClaimed(job: Job): boolean {
    // Without shared memory, a job counts as started when it is sent. A job with an upstream counts
    // as started when the upstream has settled.
    if (!this.#session.canTakeBack && job.awaitsUpstream) return false;
    const phase = this.#session.ledger.phase(job.slot);
    // A finished job counts as claimed until its report is handled, because phases never go back.
    return phase !== SENT && phase !== REVOKED;
  }

  startedAt(slot: number): number {
    return this.#session.ledger.startedAt(slot);
  }

  upstreamSettled(job: Job): void {
    this.#session.ledger.upstreamSettled(job.slot);
  }

  grant(job: Job, count: number): void {
    this.#credits.grant(job.slot, count);
    this.post({ type: 'credit', slot: job.slot, id: job.id, count });
  }

  /** Posts jobs as one batch. Advances them to `sent`. Jobs that can't be posted are rejected. */
  send(jobs: readonly Job[]): void {
    // Rejections come after all other jobs are posted, because callbacks of a rejection may do
    // anything, including terminate().
    const unposted = this.#postJobs(jobs);
    if (unposted === undefined) return;
    // The slots of the unposted jobs are free, but no report will arrive for them.
    this.#listener.paused(this);
    for (const { job, error } of unposted) job.rejected(error);
  }

  /** Returns the jobs that could not be posted. */
  #postJobs(jobs: readonly Job[]): readonly Unposted[] | undefined {
    if (this.inFlight.count === 0) this.#lastMessageAt = performance.now();
    const batch = this.#encoder.encode(jobs, this.inFlight);
    let transfer: unknown[] | undefined;
    for (const job of jobs) {
      if (job.transfer !== undefined) transfer = [...(transfer ?? []), ...job.transfer];
      const credit = creditOf(job);
      if (credit > 0) this.#credits.open(job.slot, credit);
    }
    this.served += jobs.length;
    try {
      this.#session.post({ type: 'run', ...batch }, transfer as never);
      return undefined;
    } catch (error) {
      this.#encoder.forget(batch);
      this.served -= jobs.length;
      for (const job of jobs) {
        this.#credits.close(job.slot);
        this.inFlight.vacate(job);
      }
      if (jobs.length === 1) return [{ job: jobs[0]!, error: unsent(jobs[0]!, error) }];
      return jobs.flatMap((job) => this.#postJobs([job]) ?? []);
    }
  }

  post(message: ToWorker): void {
    this.#session.post(message);
  }

  /** Ends the worker as soon as no job is in flight. Advances the worker to `leaving`. */
  leave(): void {
    if (this.state === 'ended') return;
    this.state = 'leaving';
    if (this.inFlight.count === 0) this.#session.end();
  }

  kill(): void {
    if (this.state === 'ended') return;
    this.state = 'leaving';
    this.#session.kill();
  }

  message(message: FromWorker): void {
    outside(() => this.#message(message));
  }

  #message(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.hasStarted = true;
        this.#readySince = performance.now();
        if (this.state === 'starting') this.state = 'ready';
        this.#listener.ready(this);
        break;
      case 'boot-failed':
        this.#listener.bootFailed(this, message);
        break;
      case 'reports':
        this.#reported(message);
        break;
      case 'progress':
        this.inFlight.waiting(message.slot)?.progressed(message.value);
        break;
      case 'items':
        this.#streamed(message);
        break;
      case 'faulted':
        this.#listener.faulted(this, message);
        break;
      case 'cleanup-failed':
        this.#listener.cleanupFailed(message);
        break;
      case 'pong':
        this.answeredAt = performance.now();
        break;
      default:
        message satisfies never;
    }
  }

  ended(ending: Ending): void {
    this.isLost = this.state !== 'leaving';
    this.state = 'ended';
    outside(() => this.#listener.ended(this, ending));
    // Errors and events may keep the worker alive. They must not keep the jobs that ran on it
    // alive.
    this.inFlight.clear();
    this.#credits.clear();
  }

  #streamed({ slot, values }: FromWorker & { type: 'items' }): void {
    this.#lastMessageAt = performance.now();
    // The worker receives new jobs before the reader is called, because the reader may do anything.
    if (this.#credits.spend(slot, values.length)) this.#listener.paused(this);
    const job = this.inFlight.waiting(slot);
    if (job === undefined) closeUnused(values);
    else job.streamed(values);
  }

  #reported(message: FromWorker & { type: 'reports' }): void {
    const { cells, busy } = message;
    const jobs: (Job | undefined)[] = new Array(cells.length / 2);
    const { ledger } = this.#session;
    let ran = 0;
    for (let i = 0; i < jobs.length; i++) {
      // `| 0` converts a double to a small integer, because cells may be doubles. Storing a double
      // into `job.slot` would give each job another hidden class, which costs as much as the rest
      // of the report.
      const slot = cells[2 * i]! | 0;
      this.#credits.close(slot);
      const job = this.inFlight.reported(slot);
      jobs[i] = job;
      if (cells[2 * i + 1] === SKIPPED) continue;
      ran++;
      // The times must be read before the slot is assigned to another job.
      job?.ran(ledger.startedAt(slot), ledger.endedAt(slot));
    }
    if (ran > 0) this.hasRun = true;
    this.#observe(ran, busy);
    this.busyTime += busy;
    this.#lastMessageAt = performance.now();
    if (this.inFlight.count === 0) this.idleSince = this.#lastMessageAt;
    this.#listener.reported(this, jobs, message);
    if (this.state === 'leaving' && this.inFlight.count === 0) this.#session.end();
  }

  #observe(ran: number, busy: number): void {
    this.window.observe(ran, busy);
    if (trace === undefined) return;
    // Each report moves the window a little. Only a doubled or halved window is worth a line.
    const { size } = this.window;
    if (size < 2 * this.#tracedWindow && size > this.#tracedWindow / 2) return;
    trace('%s: prefetch window %d -> %d', this.name, this.#tracedWindow, size);
    this.#tracedWindow = size;
  }
}

/** Explains why the arguments of a job could not be posted. */
function unsent({ args, transfer }: Job, cause: unknown): unknown {
  if (transfer === undefined || cause instanceof NoBytesError) return explainUnclonable(args, 'arguments', cause);
  return explainUnmovable(args, 'arguments', transfer, cause);
}

interface Unposted {
  readonly job: Job;
  readonly error: unknown;
}

/**
 * The name and thread of a worker, for futures that have settled. It does not keep the worker's
 * jobs alive.
 */
class FormerWorker implements JobWorker {
  constructor(
    readonly name: string,
    readonly threadId: number | undefined,
  ) {}

  get identity(): this {
    return this;
  }

  hasClaimed(): boolean {
    return false;
  }

  startedAt(): number {
    return Number.NaN;
  }

  upstreamSettled(): void {}

  grant(): void {}
}
