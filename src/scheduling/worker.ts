/** One worker as the scheduler sees it: what is in flight to it, by ledger slot, and what comes back. */
import type { Backend, Ending, Session, SessionListener, WorkerOptions } from '../backend/backend.js';
import { CLAIMED, DONE, LEDGER_CELLS, SENT as UNTOUCHED } from '../protocol/ledger.js';
import {
  type FromWorker,
  REPORT_CELLS,
  type ReportCells,
  type SessionConfig,
  SKIPPED,
  type ToWorker,
} from '../protocol/messages.js';
import { encodePlan, LARGEST_PLAN, type NewFunctions } from './encode-plan.js';
import { GONE, type Job, type JobWorker, SENT, WAITING } from './job.js';
import { AHEAD, Window } from './window.js';

export type WorkerState = 'starting' | 'ready' | 'leaving' | 'ended';

/** What a worker tells the dispatcher. */
export interface WorkerListener {
  ready(worker: Worker): void;
  bootFailed(worker: Worker, message: FromWorker & { type: 'boot-failed' }): void;
  /** `jobs` ended as `reports` say; the slots are free again. */
  reported(worker: Worker, jobs: readonly (Job | undefined)[], reports: ReportCells): void;
  /** Something threw outside of every promise: the worker is to be replaced. `id` is -1 where a task was rejected with it. */
  faulted(worker: Worker, fault: FromWorker & { type: 'faulted' }): void;
  ended(worker: Worker, ending: Ending): void;
}

export class Worker implements JobWorker, SessionListener {
  state: WorkerState = 'starting';
  /** Legs in flight, those left out that were taken back. */
  inFlight = 0;
  /** Plans that were given to it in its life. */
  served = 0;
  hasStarted = false;
  idleSince = 0;
  answeredAt = 0;
  readonly name: string;
  readonly window: Window;
  readonly identity: JobWorker;
  /** What made it unfit, for the errors of those that it takes along. */
  fault: unknown;
  readonly spawnedAt = performance.now();
  readonly #session: Session;
  readonly #listener: WorkerListener;
  readonly #jobs: (Job | undefined)[] = [];
  /** When a slot was last filled, as a count: tells the order in which legs were sent. */
  readonly #sentAs: number[] = [];
  readonly #free: number[] = [];
  readonly #functions = new Set<number>();
  #sends = 0;
  /** When it last reported, or got work after having had none. */
  #heardAt = 0;

  constructor(backend: Backend, config: SessionConfig, options: WorkerOptions, listener: WorkerListener) {
    this.name = config.workerName;
    this.#listener = listener;
    this.#session = backend.open(config, options, this);
    this.window = new Window(config.concurrency, this.#session.canTakeBack);
    this.identity = new FormerWorker(this.name, this.#session.threadId);
  }

  get threadId(): number | undefined {
    return this.#session.threadId;
  }

  /** Legs that could be sent now. */
  get room(): number {
    if (this.state !== 'ready') return 0;
    const wanted = this.isStalled() ? this.window.concurrency : this.window.size;
    return Math.min(wanted - this.inFlight, this.#freeSlots - LARGEST_PLAN);
  }

  /** It is at a long task: nothing was heard of it for longer than what it had at hand should take. */
  isStalled(): boolean {
    return this.inFlight > 0 && performance.now() - this.#heardAt > 2 * AHEAD;
  }

  /** What it has been sent beyond what it can have begun. */
  get surplus(): number {
    return this.state === 'starting' ? 0 : Math.max(0, this.inFlight - this.window.concurrency);
  }

  hasBegun(slot: number): boolean {
    const phase = this.#session.ledger.phase(slot);
    // Done too, until it is home: a state never goes back.
    return phase === CLAIMED || phase === DONE;
  }

  begunAt(slot: number): number {
    return this.#session.ledger.begunAt(slot);
  }

  /** Posts jobs as one batch. Advances them to `sent`; one that can't be posted is rejected. */
  send(jobs: readonly Job[]): void {
    if (this.inFlight === 0) this.#heardAt = performance.now();
    const cells: unknown[] = [];
    const functions: NewFunctions = [];
    const transfer: unknown[] = [];
    for (const job of jobs) {
      encodePlan(job, cells, (leg) => this.#occupy(leg), this.#functions, functions);
      if (job.transfer !== undefined) transfer.push(...job.transfer);
      this.served++;
    }
    try {
      this.#session.post({ type: 'run', functions, plans: cells }, transfer as never);
    } catch (error) {
      for (const definition of functions) this.#functions.delete(definition.key);
      for (const job of jobs) this.#vacate(job);
      if (jobs.length === 1) jobs[0]!.rejected(error);
      else for (const job of jobs) this.send([job]);
    }
  }

  /** True when the job will never run here; it may be sent elsewhere. What travels along comes back with it. */
  takeBack(job: Job): boolean {
    if (!this.#session.ledger.revoke(job.slot)) return false;
    this.#detach(job);
    return true;
  }

  /** Roots that have not begun, newest first. */
  untouched(): Job[] {
    const jobs: Job[] = [];
    for (const job of this.live()) {
      if (job.args !== undefined && job.transfer === undefined && this.isUntouched(job)) jobs.push(job);
    }
    return jobs.reverse();
  }

  /** Jobs in flight whose futures still wait, oldest first. */
  live(): Job[] {
    const jobs: Job[] = [];
    for (let slot = 0; slot < this.#jobs.length; slot++) {
      const job = this.#waiting(slot);
      if (job !== undefined) jobs.push(job);
    }
    return jobs.sort((a, b) => this.#sentAs[a.slot]! - this.#sentAs[b.slot]!);
  }

  isUntouched(job: Job): boolean {
    return this.#session.ledger.phase(job.slot) === UNTOUCHED;
  }

  /** Whether what was sent under this slot is still there, although nobody waits for it. */
  isStillRunning(job: Job, slot: number): boolean {
    return this.#jobs[slot] === job;
  }

  tell(message: ToWorker): void {
    this.#session.post(message);
  }

  /** Advances to `leaving`: ends as soon as nothing is in flight. */
  leave(): void {
    if (this.state === 'ended') return;
    this.state = 'leaving';
    if (this.inFlight === 0) this.#session.end();
  }

  kill(): void {
    if (this.state === 'ended') return;
    this.state = 'leaving';
    this.#session.kill();
  }

  message(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        this.hasStarted = true;
        if (this.state === 'starting') this.state = 'ready';
        this.#listener.ready(this);
        break;
      case 'boot-failed':
        this.#listener.bootFailed(this, message);
        break;
      case 'reports':
        this.#reports(message.reports, message.busy);
        break;
      case 'progress': {
        this.#waiting(message.slot)?.progressed(message.value);
        break;
      }
      case 'faulted':
        this.#listener.faulted(this, message);
        break;
      case 'pong':
        this.answeredAt = performance.now();
        break;
      default:
        message satisfies never;
    }
  }

  ended(ending: Ending): void {
    this.state = 'ended';
    this.#listener.ended(this, ending);
  }

  #reports(reports: ReportCells, busy: number): void {
    const jobs: (Job | undefined)[] = [];
    let ran = 0;
    for (let i = 0; i < reports.length; i += REPORT_CELLS) {
      const slot = reports[i] as number;
      if (reports[i + 1] !== SKIPPED) ran++;
      if (this.#jobs[slot] !== undefined) this.inFlight--;
      jobs.push(this.#waiting(slot));
      this.#jobs[slot] = undefined;
      this.#free.push(slot);
    }
    this.window.observe(ran, busy);
    this.#heardAt = performance.now();
    if (this.inFlight === 0) this.idleSince = this.#heardAt;
    this.#listener.reported(this, jobs, reports);
    if (this.state === 'leaving' && this.inFlight === 0) this.#session.end();
  }

  /** The job that waits for what comes of this slot; none where it was cancelled, or has been sent again elsewhere. */
  #waiting(slot: number): Job | undefined {
    const job = this.#jobs[slot];
    return job?.phase === SENT && job.worker === this && job.slot === slot ? job : undefined;
  }

  get #freeSlots(): number {
    return LEDGER_CELLS - this.#jobs.length + this.#free.length;
  }

  #occupy(job: Job): number {
    const slot = this.#free.pop() ?? this.#jobs.length;
    this.#jobs[slot] = job;
    this.#sentAs[slot] = this.#sends++;
    this.#session.ledger.open(slot);
    this.inFlight++;
    job.phase = SENT;
    job.worker = this;
    job.slot = slot;
    if (job.isTimed) job.sent();
    return slot;
  }

  /** The slot stays taken until the worker has come by and reported it; the job doesn't. */
  #detach(job: Job): void {
    this.#jobs[job.slot] = undefined;
    this.inFlight--;
    if (job.phase !== GONE) job.phase = WAITING;
    job.worker = undefined;
    for (const leg of job.legs ?? []) if (leg.worker === this && this.#jobs[leg.slot] === leg) this.#detach(leg);
  }

  /** The same where nothing was posted: the slots are free at once. */
  #vacate(job: Job): void {
    if (job.worker !== this) return;
    this.#free.push(job.slot);
    const legs = job.legs ?? [];
    this.#jobs[job.slot] = undefined;
    this.inFlight--;
    job.phase = WAITING;
    job.worker = undefined;
    for (const leg of legs) this.#vacate(leg);
  }
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
}
