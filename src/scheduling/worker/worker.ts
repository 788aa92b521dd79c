/**
 * A worker as the scheduler sees it: its state, its load, its jobs, and the messages to it.
 * worker-messages.ts handles the messages that it sends.
 *
 * The file is long because each message to a worker has a method here.
 */

import { now, performance } from '#platform/time';
import type { Session, SessionLedger, Traits } from '../../backends/backend.js';
import { DONE, REVOKED, UNCLAIMED } from '../../protocol/ledger.js';
import type { ToQueue, ToWorker } from '../../protocol/messages.js';
import type { ToInput } from '../../protocol/stream/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import { encodeError } from '../../protocol/wire-error.js';
import { Credits } from '../../util/credits.js';
import type { Job, JobWorker } from '../job/job.js';
import type { WorkerLanes } from '../lanes/lane.js';
import { LaneHeap } from '../lanes/lane-heap.js';
import { WorkerActors } from '../lanes/worker-actors.js';
import { FormerWorker } from './former-worker.js';
import { InFlight } from './in-flight.js';
import { JobSender } from './job-sender.js';
import { Load } from './load.js';
import { Window } from './window.js';
import { type Finalizer, WorkerEnd } from './worker-end.js';
import { mayAdvance, type WorkerState } from './worker-state.js';

/** Receives what a call of the scheduler itself may cause. */
export interface WorkerOwner {
  /** There is room for another job, because a stream paused or a job could not be posted. */
  roomFreed(worker: Worker): void;
  /** The finalizer did not end in time, or ended the worker. */
  finalizerFailed(error: unknown): void;
}

export class Worker implements JobWorker {
  readonly name: string;
  readonly window: Window;
  readonly identity: JobWorker;
  readonly ledger: SessionLedger;
  readonly inFlight: InFlight;
  readonly credits = new Credits();
  readonly load: Load;
  /** Lanes that run on this worker and whose next job may be sent to it. */
  readonly lanes: WorkerLanes = { free: new LaneHeap(), full: new LaneHeap() };
  /** The actors on this worker. It is neither recycled nor ended while there are any. */
  readonly actors = new WorkerActors();
  /** The heap has reached `maxMemoryPerWorker`. */
  isHeapFull = false;
  /** The finalizer, and the end of the session. */
  readonly end: WorkerEnd;
  /** False if the worker stands for the servers of a queue, which end their workers themselves. */
  readonly isOwned: boolean;
  readonly isLinkable: boolean;
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
  pingedAt = 0;
  /** Time of the last ping because a task or a call of an actor seemed to block the thread. */
  #suspectedAt = 0;
  /** Bytes of heap in use, as last measured. 0 while it is not known. */
  heap = 0;
  /** Number of jobs that wait for this worker and may run on no other. */
  pinned = 0;
  /**
   * The uncaught error that made this worker unusable. It becomes the `cause` of the errors of
   * tasks lost with it.
   */
  fault: unknown;
  readonly #session: Session;
  readonly #owner: WorkerOwner;
  readonly #sender: JobSender;

  constructor(
    name: string,
    session: Session,
    concurrency: number,
    { ownsWorkers, linksWorkers, sendsJobOptions }: Traits,
    finalizer: Finalizer,
    owner: WorkerOwner,
  ) {
    this.name = name;
    this.isOwned = ownsWorkers;
    this.isLinkable = linksWorkers;
    this.ledger = session.ledger;
    this.window = new Window(concurrency, session.canRevoke);
    this.identity = new FormerWorker(name, session.threadId);
    this.inFlight = new InFlight(this, session.ledger);
    this.load = new Load(this.window, this.inFlight, this.credits);
    this.end = new WorkerEnd(name, session, finalizer, this.actors, (error) => owner.finalizerFailed(error));
    this.#session = session;
    this.#owner = owner;
    this.#sender = new JobSender(session, this.inFlight, this.credits, sendsJobOptions);
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

  /** Number of jobs that may be sent now. */
  get room(): number {
    return this.isResponsive ? this.load.room : 0;
  }

  /** True if jobs may be sent. A worker that does not answer a ping may be blocked. */
  get isResponsive(): boolean {
    return this.state === 'ready' && Math.max(this.pingedAt, this.#suspectedAt) <= this.answeredAt;
  }

  /** Time in ms since the last ping that has no answer. 0 if all pings are answered. */
  get unansweredFor(): number {
    const pingedAt = Math.max(this.pingedAt, this.#suspectedAt);
    return pingedAt <= this.answeredAt ? 0 : performance.now() - pingedAt;
  }

  /**
   * True if tasks in flight may have a concurrency slot, or need none, and yet wait for the thread.
   * With a single slot and no calls of actors, the tasks that wait are a surplus.
   */
  get mayBlockJobs(): boolean {
    return this.canRevoke && this.load.contending > 0 && (this.inFlight.calls > 0 || this.window.concurrency > 1);
  }

  /** A task that was cancelled or timed out still runs, so another worker may replace this one. */
  get lingers(): boolean {
    return this.pingedAt > 0;
  }

  /** Time in ms for which the event loop of the worker was idle. 0 if it is not known. */
  get idleTime(): number {
    return this.#session.idleTime?.() ?? 0;
  }

  get upTime(): number {
    return Number.isNaN(this.#readySince) ? 0 : Math.max(0, performance.now() - this.#readySince);
  }

  // ── its jobs ───────────────────────────────────────────────────────────────────────────────────

  /** State of a cell of the ledger. */
  cellAt(slot: number): number {
    return this.ledger.stateOf(slot);
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
    return this.ledger.startedAt(slot);
  }

  endedAt(slot: number): number {
    return this.ledger.stateOf(slot) === DONE ? this.ledger.endedAt(slot) : Number.NaN;
  }

  upstreamSettled(job: Job): void {
    this.ledger.upstreamSettled(job.slot);
  }

  /** Makes room for more jobs in flight, because those that are there wait. */
  extendLedger(): void {
    const page = this.ledger.extend();
    if (page !== undefined) this.post({ type: 'ledger', ...page });
  }

  /** The thread seems to be blocked. Until it answers a ping, it receives no jobs. */
  suspect(): void {
    this.#suspectedAt = performance.now();
    this.load.suspected();
    this.post({ type: 'ping' });
  }

  grant(job: Job, count: number): void {
    this.credits.grant(job.slot, count);
    if (this.ledger.addCredit(job.slot, count)) return;
    this.post({ type: 'credit', slot: job.slot, id: job.id, count });
  }

  isWaiting({ slot }: Job): boolean {
    return this.credits.isPaused(slot);
  }

  postInput(message: ToInput, transfer?: readonly Transferable[]): void {
    this.#session.post(message, transfer);
  }

  /**
   * Posts jobs: all of actors, or none. Advances them to `sent`. Jobs that can't be posted are
   * rejected.
   */
  send(jobs: readonly Job[]): void {
    this.load.wake();
    if (jobs[0]?.place?.lane.actor === undefined) this.load.sent();
    const unposted = this.#sender.send(jobs);
    if (unposted.length === 0) return;
    // The slots of the unposted jobs are free, but no report will arrive for them.
    this.#owner.roomFreed(this);
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

  // ── its state ──────────────────────────────────────────────────────────────────────────────────

  /** Called when the worker is ready. Advances it to `ready`, unless it is leaving. */
  started(): void {
    this.hasStarted = true;
    this.#readySince = performance.now();
    this.#advance('ready');
    this.load.wake();
  }

  /** Receives no more jobs. Advances the worker to `leaving`. */
  close(): void {
    this.#advance('leaving');
  }

  /** Ends the worker after its last job and its finalizer. Advances the worker to `leaving`. */
  leave(): void {
    this.#advance('leaving');
    this.endIfIdle();
  }

  /** Ends the worker soon, even if jobs are in flight. Advances the worker to `leaving`. */
  terminate(): void {
    this.#advance('leaving');
    if (this.#state === 'ended') return;
    this.end.terminate();
    this.endIfIdle();
  }

  /** Ends the worker at once, also during its finalizer. Advances the worker to `leaving`. */
  cutOff(): void {
    this.#advance('leaving');
    if (this.#state !== 'ended') this.end.cutOff();
  }

  /** Ends the worker at once. Advances the worker to `leaving`. */
  kill(): void {
    this.#advance('leaving');
    if (this.#state !== 'ended') this.end.kill();
  }

  /** Called when the worker has ended. Advances it to `ended`. */
  ended(): void {
    this.isLost = this.#state !== 'leaving';
    this.#advance('ended');
  }

  /**
   * Called after the end of the worker has been handled. Errors and events may keep the worker
   * alive. They must not keep the jobs that ran on it alive.
   */
  clear(): void {
    this.inFlight.clear();
    this.credits.clear();
    this.#sender.clear();
  }

  /** Ends a leaving worker that has no more jobs. */
  endIfIdle(): void {
    if (this.#state !== 'leaving' || this.inFlight.count > 0) return;
    this.end.endOrFinalize(this.hasStarted);
  }

  /** All changes of the state happen here. A move that the table lacks comes too late. */
  #advance(state: WorkerState): void {
    if (mayAdvance(this.#state, state)) this.#state = state;
  }
}
