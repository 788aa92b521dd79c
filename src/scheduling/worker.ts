/** One worker as the scheduler sees it: its session, its pace, what is in flight to it. */

import type { Backend, Ending, Session, SessionListener, WorkerOptions } from '../backend/backend.js';
import { outside } from '../context.js';
import { REVOKED, SENT } from '../protocol/ledger.js';
import { type FromWorker, type SessionConfig, SKIPPED, type ToWorker } from '../protocol/messages.js';
import { NoBytesError } from '../protocol/serialize.js';
import { notCloned, unmovable } from '../protocol/wire-error.js';
import { now, performance } from '../time.js';
import { trace } from '../trace.js';
import { Credits } from './credits.js';
import { LARGEST_PLAN, PlanEncoder } from './encode-plan.js';
import { InFlight } from './in-flight.js';
import { creditOf, type Job, type JobWorker } from './job.js';
import { STALLED_AFTER, Window } from './window.js';

export type WorkerState = 'starting' | 'ready' | 'leaving' | 'ended';

/** What a worker tells the dispatcher. */
export interface WorkerListener {
  ready(worker: Worker): void;
  bootFailed(worker: Worker, message: FromWorker & { type: 'boot-failed' }): void;
  /** `jobs`, those of them that somebody waits for, ended as the reports say; the slots are free again. */
  reported(worker: Worker, jobs: readonly (Job | undefined)[], reports: FromWorker & { type: 'reports' }): void;
  /** A stream waits for its reader, or a job could not be sent: there is room for something else. */
  paused(worker: Worker): void;
  /** Something threw outside of every promise: the worker is to be replaced. `id` is -1 where a task was rejected with it. */
  faulted(worker: Worker, fault: FromWorker & { type: 'faulted' }): void;
  /** A stream's cleanup failed when its reader had left. */
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
  /** It has run a task to its end. */
  hasRun = false;
  /** It ended although nobody had told it to go. */
  isLost = false;
  readonly madeAt = now();
  /** Plans that were given to it in its life. */
  served = 0;
  idleSince = 0;
  /** ms in which it had a task, and those since it was ready, as of its last word. */
  busyTime = 0;
  #readySince = Number.NaN;
  answeredAt = 0;
  /** What made it unfit, for the errors of those that it takes along. */
  fault: unknown;
  readonly #session: Session;
  readonly #listener: WorkerListener;
  readonly #encoder: PlanEncoder;
  readonly #credits = new Credits();
  /** Size of the prefetch window in the last trace. */
  #tracedWindow = 0;
  /** When it last reported, or got work after having had none. */
  #heardAt = 0;

  constructor(backend: Backend, config: SessionConfig, options: WorkerOptions, listener: WorkerListener) {
    this.name = config.workerName;
    this.#listener = listener;
    this.#session = backend.open(config, options, this);
    this.#encoder = new PlanEncoder(backend.queue !== undefined);
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

  /** Legs that could be sent now. */
  get room(): number {
    if (this.state !== 'ready') return 0;
    const wanted = this.isStalled() ? this.window.concurrency : this.window.size;
    return Math.min(wanted - this.busy, this.inFlight.freeSlots - LARGEST_PLAN);
  }

  /** Legs in flight, but for streams that wait for their readers. */
  get busy(): number {
    return this.inFlight.count - this.#credits.paused;
  }

  get upTime(): number {
    return Number.isNaN(this.#readySince) ? 0 : Math.max(0, performance.now() - this.#readySince);
  }

  /** It is at a long task: nothing was heard of it for longer than what it had at hand should take. */
  isStalled(): boolean {
    return this.busy > 0 && performance.now() - this.#heardAt > STALLED_AFTER;
  }

  /** What it has been sent beyond what it can have begun. */
  get surplus(): number {
    return this.state === 'starting' ? 0 : Math.max(0, this.busy - this.window.concurrency);
  }

  hasBegun(job: Job): boolean {
    // Where nobody can look, a job counts as begun when it is sent; but a leg not before what feeds it is home.
    if (!this.#session.canTakeBack && job.isHeldUp) return false;
    const phase = this.#session.ledger.phase(job.slot);
    // A leg that is done counts too until its report is handled: a state never goes back.
    return phase !== SENT && phase !== REVOKED;
  }

  begunAt(slot: number): number {
    return this.#session.ledger.begunAt(slot);
  }

  fed(job: Job): void {
    this.#session.ledger.fed(job.slot);
  }

  grant(job: Job, count: number): void {
    this.#credits.grant(job.slot, count);
    this.tell({ type: 'credit', slot: job.slot, id: job.id, count });
  }

  /** Posts jobs as one batch. Advances them to `sent`; one that can't be posted is rejected. */
  send(jobs: readonly Job[]): void {
    // Rejected when all the others have been posted: what a rejection calls may do anything, terminate() included.
    const unposted = this.#post(jobs);
    if (unposted === undefined) return;
    // Their places are free, and no report will say so.
    this.#listener.paused(this);
    for (const { job, error } of unposted) job.rejected(error);
  }

  /** Returns the jobs that could not be posted. */
  #post(jobs: readonly Job[]): readonly Unposted[] | undefined {
    if (this.inFlight.count === 0) this.#heardAt = performance.now();
    const plans = this.#encoder.encode(jobs, this.inFlight);
    let transfer: unknown[] | undefined;
    for (const job of jobs) {
      if (job.transfer !== undefined) transfer = [...(transfer ?? []), ...job.transfer];
      const credit = creditOf(job);
      if (credit > 0) this.#credits.open(job.slot, credit);
    }
    this.served += jobs.length;
    try {
      this.#session.post({ type: 'run', ...plans }, transfer as never);
      return undefined;
    } catch (error) {
      this.#encoder.forget(plans);
      this.served -= jobs.length;
      for (const job of jobs) {
        this.#credits.close(job.slot);
        this.inFlight.vacate(job);
      }
      if (jobs.length === 1) return [{ job: jobs[0]!, error: unsent(jobs[0]!, error) }];
      return jobs.flatMap((job) => this.#post([job]) ?? []);
    }
  }

  tell(message: ToWorker): void {
    this.#session.post(message);
  }

  /** Advances to `leaving`: ends as soon as nothing is in flight. */
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
    // Errors and events may keep the worker; what ran on it must not stay with it.
    this.inFlight.clear();
    this.#credits.clear();
  }

  #streamed({ slot, values }: FromWorker & { type: 'items' }): void {
    this.#heardAt = performance.now();
    // First the worker's next work, then the reader, who may do anything.
    if (this.#credits.spend(slot, values.length)) this.#listener.paused(this);
    this.inFlight.waiting(slot)?.streamed(values);
  }

  #reported(message: FromWorker & { type: 'reports' }): void {
    const { cells, busy } = message;
    const jobs: (Job | undefined)[] = new Array(cells.length / 2);
    const { ledger } = this.#session;
    let ran = 0;
    for (let i = 0; i < jobs.length; i++) {
      // `| 0`: cells may be doubles. A slot that is one gives each job that it is written to another layout, which costs as much as the
      // rest of its way.
      const slot = cells[2 * i]! | 0;
      this.#credits.close(slot);
      const job = this.inFlight.reported(slot);
      jobs[i] = job;
      if (cells[2 * i + 1] === SKIPPED) continue;
      ran++;
      // Now: the slot is free, and what comes next may have it.
      job?.ran(ledger.begunAt(slot), ledger.endedAt(slot));
    }
    if (ran > 0) this.hasRun = true;
    this.#observe(ran, busy);
    this.busyTime += busy;
    this.#heardAt = performance.now();
    if (this.inFlight.count === 0) this.idleSince = this.#heardAt;
    this.#listener.reported(this, jobs, message);
    if (this.state === 'leaving' && this.inFlight.count === 0) this.#session.end();
  }

  #observe(ran: number, busy: number): void {
    this.window.observe(ran, busy);
    if (trace === undefined) return;
    // Each report moves the window a little. Only what doubles or halves it is worth a line.
    const { size } = this.window;
    if (size < 2 * this.#tracedWindow && size > this.#tracedWindow / 2) return;
    trace('%s: prefetch window %d -> %d', this.name, this.#tracedWindow, size);
    this.#tracedWindow = size;
  }
}

/** Why the arguments of a job could not be posted. */
function unsent({ args, transfer }: Job, cause: unknown): unknown {
  if (transfer === undefined || cause instanceof NoBytesError) return notCloned(args, 'arguments', cause);
  return unmovable(args, 'arguments', transfer, cause);
}

interface Unposted {
  readonly job: Job;
  readonly error: unknown;
}

/** What a future remembers of the worker that ran it: its name and thread, not what was in flight to it. */
class FormerWorker implements JobWorker {
  constructor(
    readonly name: string,
    readonly threadId: number | undefined,
  ) {}

  get identity(): this {
    return this;
  }

  hasBegun(): boolean {
    return false;
  }

  begunAt(): number {
    return Number.NaN;
  }

  fed(): void {}

  grant(): void {}
}
