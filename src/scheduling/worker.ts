/**
 * A worker as the scheduler sees it: its session, its pace, and the jobs in flight to it.
 *
 * This file is long because each message of a worker has a case here.
 */

import { outside } from '#platform/context';
import { now, performance } from '#platform/time';
import {
  type Backend,
  type Ending,
  type Session,
  type SessionListener,
  traitsOf,
  type WorkerOptions,
} from '../backends/backend.js';
import { DONE, REVOKED, UNCLAIMED } from '../protocol/ledger.js';
import {
  type FromWorker,
  REPORT_SKIPPED,
  type SessionConfig,
  type ToQueue,
  type ToWorker,
} from '../protocol/messages.js';
import { closeUnused } from '../protocol/transfer.js';
import { encodeError } from '../protocol/wire-error.js';
import { Credits } from '../util/credits.js';
import { FormerWorker } from './former-worker.js';
import { InFlight } from './in-flight.js';
import type { Job, JobWorker } from './job.js';
import { JobSender } from './job-sender.js';
import { Load } from './load.js';
import { Window } from './window.js';
import { WorkerEnd } from './worker-end.js';
import type { WorkerListener } from './worker-listener.js';
import { mayMove, type WorkerState } from './worker-state.js';

export class Worker implements JobWorker, SessionListener {
  readonly name: string;
  readonly window: Window;
  readonly identity: JobWorker;
  readonly inFlight: InFlight;
  readonly load: Load;
  /** False if the worker stands for the servers of a queue, which end their workers themselves. */
  readonly isOwned: boolean;
  #state: WorkerState = 'starting';
  hasStarted = false;
  /** The worker has run a task to its end. */
  hasRun = false;
  /** The worker ended although it was not leaving. */
  isLost = false;
  readonly madeAt = now();
  #readySince = Number.NaN;
  /** Time of the last answer to a ping. */
  answeredAt = 0;
  /** Time of the last ping about a lingering task. 0 if no task lingers. */
  askedAt = 0;
  /** Number of jobs that wait for this worker and may run on no other. */
  pinned = 0;
  /**
   * The uncaught error that made this worker unusable. It becomes the `cause` of the errors of
   * tasks lost with it.
   */
  fault: unknown;
  readonly #session: Session;
  readonly #listener: WorkerListener;
  readonly #credits = new Credits();
  readonly #sender: JobSender;
  readonly #end: WorkerEnd;

  constructor(
    backend: Backend,
    config: SessionConfig,
    options: WorkerOptions,
    listener: WorkerListener,
    finalizeTimeout = Number.POSITIVE_INFINITY,
  ) {
    this.name = config.workerName;
    this.#listener = listener;
    const traits = traitsOf(backend);
    this.isOwned = traits.ownsWorkers;
    this.#session = backend.open(config, options, this);
    this.window = new Window(config.concurrency, this.#session.canRevoke);
    this.identity = new FormerWorker(this.name, this.#session.threadId);
    this.inFlight = new InFlight(this, this.#session.ledger);
    this.load = new Load(this.window, this.inFlight, this.#credits);
    this.#sender = new JobSender(this.#session, this.inFlight, this.#credits, traits.sendsJobOptions);
    const finalizer = { name: config.finalizer, timeout: finalizeTimeout };
    this.#end = new WorkerEnd(this.name, this.#session, finalizer, (error) => listener.finalizerFailed(error));
  }

  get state(): WorkerState {
    return this.#state;
  }

  get threadId(): number | undefined {
    return this.#session.threadId;
  }

  get canRevoke(): boolean {
    return this.#session.canRevoke;
  }

  /** Reason why the worker may start too late, if its backend knows one. */
  get missing(): Session['missing'] {
    return this.#session.missing;
  }

  /** Number of job trees that were sent to the worker. */
  get treesSent(): number {
    return this.inFlight.treesSent;
  }

  /** Number of jobs that may be sent now. */
  get room(): number {
    // A worker that does not answer may be blocked by a cancelled task.
    return this.state === 'ready' && this.askedAt <= this.answeredAt ? this.load.room : 0;
  }

  /** A task that was cancelled or timed out still runs, so another worker may replace this one. */
  get lingers(): boolean {
    return this.askedAt > 0;
  }

  /** Time in ms for which the event loop of the worker was idle. 0 if it is not known. */
  get idleTime(): number {
    return this.#session.idleTime?.() ?? 0;
  }

  get upTime(): number {
    return Number.isNaN(this.#readySince) ? 0 : Math.max(0, performance.now() - this.#readySince);
  }

  /** State of a cell of the ledger. */
  cellAt(slot: number): number {
    return this.#session.ledger.stateOf(slot);
  }

  hasClaimed(job: Job): boolean {
    // Without shared memory, a job counts as started when it is sent. A job with an upstream counts
    // as started when the upstream has settled.
    if (!this.#session.canRevoke && job.awaitsUpstream) return false;
    const cell = this.cellAt(job.slot);
    // A finished job counts as claimed until its report is handled, because a cell never goes back.
    return cell !== UNCLAIMED && cell !== REVOKED;
  }

  startedAt(slot: number): number {
    return this.#session.ledger.startedAt(slot);
  }

  endedAt(slot: number): number {
    return this.#session.ledger.stateOf(slot) === DONE ? this.#session.ledger.endedAt(slot) : Number.NaN;
  }

  upstreamSettled(job: Job): void {
    this.#session.ledger.upstreamSettled(job.slot);
  }

  grant(job: Job, count: number): void {
    this.#credits.grant(job.slot, count);
    this.post({ type: 'credit', slot: job.slot, id: job.id, count });
  }

  /** Posts jobs. Advances them to `sent`. Jobs that can't be posted are rejected. */
  send(jobs: readonly Job[]): void {
    this.load.wake();
    const unposted = this.#sender.send(jobs);
    if (unposted.length === 0) return;
    // The slots of the unposted jobs are free, but no report will arrive for them.
    this.#listener.roomFreed(this);
    // Rejections come after all other jobs are posted, because callbacks of a rejection may do
    // anything, including terminate().
    for (const { job, error } of unposted) job.rejected(error);
  }

  /** Makes the worker abort the signal of a job, or skip the job if it has not started. */
  abort({ slot, id, attempt }: Job, reason: unknown): void {
    this.post({ type: 'abort', slot, id, attempt, reason: encodeError(reason, 'reason') });
  }

  post(message: ToWorker | ToQueue): void {
    this.#session.post(message);
  }

  /** Receives no more jobs. Advances the worker to `leaving`. */
  close(): void {
    this.#advance('leaving');
  }

  /** Ends the worker after its last job and its finalizer. Advances the worker to `leaving`. */
  leave(): void {
    this.#advance('leaving');
    this.#endIfIdle();
  }

  /** Ends the worker soon, even if jobs are in flight. Advances the worker to `leaving`. */
  terminate(): void {
    this.#advance('leaving');
    if (this.#state === 'ended') return;
    this.#end.terminate();
    this.#endIfIdle();
  }

  /** Ends the worker at once. Advances the worker to `leaving`. */
  kill(): void {
    this.#advance('leaving');
    if (this.#state !== 'ended') this.#end.kill();
  }

  /** All changes of the state happen here. A move that the table lacks comes too late. */
  #advance(state: WorkerState): void {
    if (mayMove(this.#state, state)) this.#state = state;
  }

  #endIfIdle(): void {
    if (this.#state !== 'leaving' || this.inFlight.count > 0) return;
    this.#end.begin(this.hasStarted);
  }

  message(message: FromWorker): void {
    outside(() => this.#message(message));
  }

  #message(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.hasStarted = true;
        this.#readySince = performance.now();
        this.#advance('ready');
        this.load.wake();
        this.#listener.ready(this);
        this.#end.started();
        break;
      case 'boot-failed':
        this.#end.startFailed();
        this.#listener.bootFailed(this, message);
        break;
      case 'reports':
        this.#reported(message);
        break;
      case 'progress':
        this.inFlight.jobAt(message.slot)?.progressed(message.value);
        break;
      case 'items':
        this.#streamed(message);
        break;
      case 'stream-failed':
        this.#listener.streamFailed(this, this.inFlight.jobAt(message.slot), message.error);
        break;
      case 'faulted':
        this.#listener.faulted(this, message);
        break;
      case 'cleanup-failed':
        this.#listener.cleanupFailed(message);
        break;
      case 'heap-full':
        this.#listener.heapFull(this);
        break;
      case 'finalized':
        if (this.#end.finalized()) this.#listener.finalized(message);
        break;
      case 'pong':
        this.answeredAt = performance.now();
        this.#listener.answered(this);
        break;
      case 'remote-cancelled':
        this.#listener.remoteCancelled(message.id);
        break;
      default:
        message satisfies never;
    }
  }

  ended(ending: Ending): void {
    this.isLost = this.#state !== 'leaving';
    this.#advance('ended');
    outside(() => this.#end.ended(ending));
    outside(() => this.#listener.ended(this, ending));
    // Errors and events may keep the worker alive. They must not keep the jobs that ran on it
    // alive.
    this.inFlight.clear();
    this.#credits.clear();
  }

  #streamed({ slot, values }: FromWorker & { type: 'items' }): void {
    this.load.streamed();
    // The worker receives new jobs before the reader is called, because the reader may do anything.
    if (this.#credits.spend(slot, values.length)) this.#listener.roomFreed(this);
    const job = this.inFlight.jobAt(slot);
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
      if (cells[2 * i + 1] === REPORT_SKIPPED) continue;
      ran++;
      // The times must be read before the slot is assigned to another job.
      job?.ran(ledger.startedAt(slot), ledger.endedAt(slot));
    }
    if (ran > 0) this.hasRun = true;
    this.load.reported(this.name, ran, busy);
    this.#listener.reported(this, jobs, message);
    this.#endIfIdle();
  }
}
