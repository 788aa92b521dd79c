/** What has been sent to one worker and is not home: legs by ledger slot, roots in the order in which they were sent. */
import type { SessionLedger } from '../backends/backend.js';
import { SENT as UNCLAIMED } from '../protocol/ledger.js';
import { GONE, type Job, type JobWorker, SENT, treeSize, WAITING } from './job.js';

/** Entries of the list of roots that are out of date and not worth a clean-up. */
const FEW = 64;

export class InFlight {
  /** Legs in flight, those left out that were taken back. */
  count = 0;
  readonly #worker: JobWorker;
  readonly #ledger: SessionLedger;
  readonly #jobs: (Job | undefined)[] = [];
  /** When a slot was last filled, as a count. */
  readonly #sentAs: number[] = [];
  readonly #free: number[] = [];
  #roots: Job[] = [];
  #sends = 0;

  constructor(worker: JobWorker, ledger: SessionLedger) {
    this.#worker = worker;
    this.#ledger = ledger;
  }

  get freeSlots(): number {
    return this.#ledger.size - this.#jobs.length + this.#free.length;
  }

  /** Gives a leg its slot. Advances it to `sent`. */
  occupy(job: Job): number {
    const slot = this.#free.pop() ?? this.#jobs.length;
    this.#jobs[slot] = job;
    this.#sentAs[slot] = this.#sends++;
    this.#ledger.open(slot);
    this.count++;
    job.phase = SENT;
    job.worker = this.#worker;
    job.slot = slot;
    if (job.args !== undefined) this.#roots.push(job);
    if (job.isTimed) job.sent();
    return slot;
  }

  /** The worker has reported the slot: it is free. The job, where somebody still waits for it. */
  reported(slot: number): Job | undefined {
    const job = this.waiting(slot);
    if (this.#jobs[slot] !== undefined) this.count--;
    this.#jobs[slot] = undefined;
    this.#free.push(slot);
    if (this.count === 0) this.#roots = [];
    else if (this.#roots.length > 2 * this.count + FEW) this.#roots = this.#roots.filter((root) => this.#isHere(root));
    return job;
  }

  /** The job that waits for what comes of this slot; none where it was cancelled, or has been sent again elsewhere. */
  waiting(slot: number): Job | undefined {
    const job = this.#jobs[slot];
    return job?.phase === SENT && job.worker === this.#worker && job.slot === slot ? job : undefined;
  }

  /** A number for what is in a slot now: no other filling of any slot has the same. */
  generation(slot: number): number {
    return this.#sentAs[slot]!;
  }

  /** Whether that is still there, also where nobody waits for it. */
  hasGeneration(slot: number, generation: number): boolean {
    return this.#jobs[slot] !== undefined && this.#sentAs[slot] === generation;
  }

  isUnclaimed(job: Job): boolean {
    return this.#ledger.phase(job.slot) === UNCLAIMED;
  }

  /** No later step of the job starts. */
  stop(job: Job): void {
    this.#ledger.stop(job.slot);
  }

  /** Jobs whose futures still wait, oldest first. */
  live(): Job[] {
    const jobs: Job[] = [];
    for (let slot = 0; slot < this.#jobs.length; slot++) {
      const job = this.waiting(slot);
      if (job !== undefined) jobs.push(job);
    }
    return jobs.sort((a, b) => this.#sentAs[a.slot]! - this.#sentAs[b.slot]!);
  }

  /**
   * Takes back roots that have not begun, the newest first, `most` at most. They will never run here, and neither will what travels along;
   * they may be sent elsewhere. `room` bounds their legs: the worker that gets them has a slot for each leg, not for each root.
   */
  revokeNewest(most: number, isWanted: (job: Job) => boolean = () => true, room = Number.POSITIVE_INFINITY): Job[] {
    const taken: Job[] = [];
    let left = room;
    for (let i = this.#roots.length - 1; i >= 0 && taken.length < most; i--) {
      const root = this.#roots[i]!;
      if (!this.#isHere(root)) continue;
      // The worker begins them in order: before one that has begun, all have.
      if (!this.isUnclaimed(root)) break;
      if (root.transfer !== undefined || !isWanted(root)) continue;
      // The last plan may be larger than what is left: there are slots for one more.
      if (left <= 0) break;
      if (left !== Number.POSITIVE_INFINITY) left -= treeSize(root);
      if (this.revoke(root)) taken.push(root);
    }
    return taken;
  }

  /** True when the job will never run here. */
  revoke(job: Job): boolean {
    if (!this.#ledger.revoke(job.slot)) return false;
    this.#detach(job);
    return true;
  }

  /** The job has not begun, and the worker is told by a message to pass it over. */
  release(job: Job): void {
    this.#detach(job);
  }

  /** The job was never posted: its slots are free at once. Advances it to `waiting`. */
  vacate(job: Job): void {
    if (job.worker !== this.#worker) return;
    this.#jobs[job.slot] = undefined;
    this.#free.push(job.slot);
    this.count--;
    job.phase = WAITING;
    job.worker = undefined;
    for (const dependent of job.dependents ?? []) this.vacate(dependent);
  }

  /** The worker has ended, and all that was here has been told. */
  clear(): void {
    this.#jobs.length = 0;
    this.#roots = [];
  }

  #isHere(job: Job): boolean {
    return this.waiting(job.slot) === job;
  }

  /** The slots stay taken until the worker has come by and reported them; the jobs don't. */
  #detach(job: Job): void {
    this.#jobs[job.slot] = undefined;
    this.count--;
    if (job.phase !== GONE) job.phase = WAITING;
    job.worker = undefined;
    for (const dependent of job.dependents ?? [])
      if (dependent.worker === this.#worker && this.#jobs[dependent.slot] === dependent) this.#detach(dependent);
  }
}
