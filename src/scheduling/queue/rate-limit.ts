/**
 * The limit of `rateLimit`: at most `count` runs start in any `interval` ms.
 *
 * There are `count` permits. A run takes a permit when its job is sent, and keeps the permit until
 * `interval` ms after it has started. The ledger shows when that was. So the limit is exact,
 * although jobs are sent ahead:
 *
 *   1. Until a sent job starts, its permit does not expire.
 *   2. When no permit is free, the ledger is read. The permit of a job that has started expires
 *      `interval` ms after the start. The permit of a revoked job is free at once.
 *   3. While no permit is free and jobs wait, a timer ends when the first permit expires.
 *
 * The times follow the clock that the program sees. A faked clock says nothing about the moment of
 * a start on a worker. So there a run counts from the time at which its job was sent.
 */
import { isClockFaked, UserTimer, userClock, userNow } from '#platform/timers';
import { REVOKED, UNCLAIMED } from '../../protocol/ledger.js';
import { REPORT_SKIPPED } from '../../protocol/messages.js';
import type { Job, JobWorker } from '../job/job.js';
import { SENT } from '../job/job-state.js';

/** The option `rateLimit` of an {@link Executor}: at most `count` runs start in any `interval`. */
export interface RateLimitOptions {
  /** Maximum number of runs that start in the interval. */
  readonly count: number;
  /** Length of the interval in ms. */
  readonly interval: number;
}

/** A worker, as far as the limit needs it. */
interface LimitedWorker extends JobWorker {
  /** State of a cell of the ledger. */
  cellAt(slot: number): number;
}

export class RateLimit {
  readonly #options: RateLimitOptions;
  readonly #permitFreed: () => void;
  /** Times at which runs have started, in ascending order. */
  #startTimes: number[] = [];
  /**
   * Slots of the jobs that have been sent and may not have started. Each has the time at which its
   * job was sent, on a faked clock, or else NaN.
   */
  readonly #sent = new Map<LimitedWorker, Map<number, number>>();
  #sentCount = 0;
  #timer: UserTimer | undefined;
  /** True if no permit was free at some reading. Each scheduling pass resets the field. */
  wasExhausted = false;
  /** The clock of the program at the last reading, and the time that it showed. */
  #clock: unknown;
  #lastTime = 0;

  /** `permitFreed` is called when a permit is free again, after {@link RateLimit.wait}. */
  constructor(options: RateLimitOptions, permitFreed: () => void) {
    this.#options = options;
    this.#permitFreed = permitFreed;
  }

  /** Number of free permits, which is the number of runs that may start now. */
  get freePermits(): number {
    const { count, interval } = this.#options;
    const expired = this.#now() - interval;
    if (this.#startTimes.length + this.#sentCount >= count) this.#readLedgers();
    const firstKept = this.#startTimes.findIndex((time) => time > expired);
    if (firstKept !== 0) this.#startTimes.splice(0, firstKept === -1 ? this.#startTimes.length : firstKept);
    const free = Math.max(0, count - this.#startTimes.length - this.#sentCount);
    if (free === 0) this.wasExhausted = true;
    return free;
  }

  /** Called when jobs were sent to a worker. */
  sent(worker: LimitedWorker, jobs: readonly Job[]): void {
    const sentAt = this.#timeOfSend(this.#now());
    for (const job of jobs) {
      // A job that could not be posted has been rejected, and may be queued again.
      if (job.state === SENT && job.worker === worker) this.#hold(worker, job.slot, sentAt);
    }
  }

  /** Called when a worker has reported a slot, with the kind of the report. */
  reported(worker: LimitedWorker, slot: number, kind: number): void {
    if (this.#sent.get(worker)?.has(slot) === true) this.#release(worker, slot, kind !== REPORT_SKIPPED);
  }

  /** Called when a worker has ended. The jobs that it had not started count where they run next. */
  ended(worker: LimitedWorker): void {
    this.#readLedger(worker);
    this.#sentCount -= this.#sent.get(worker)?.size ?? 0;
    this.#sent.delete(worker);
  }

  /** Calls back when a permit is free. */
  wait(): void {
    const isFree = this.freePermits > 0;
    if (!isFree && this.#timer?.isOnTheClock === true) return;
    this.stop();
    if (isFree) {
      this.#permitFreed();
      return;
    }
    const now = this.#now();
    const dueAt = (this.#startTimes[0] ?? now) + this.#options.interval;
    const timer = new UserTimer(Math.max(1, Math.ceil(dueAt - now)), () => {
      this.#timer = undefined;
      // A test may fake timers and not the date. Then the timer alone shows that time has passed.
      if (timer.isFaked) this.#lastTime = Math.max(this.#lastTime, dueAt);
      this.#permitFreed();
    });
    // Pending tasks keep the process alive. Tasks that are cancelled meanwhile must not.
    timer.letProcessEnd();
    this.#timer = timer;
  }

  /** Called when no job waits for a permit. */
  stop(): void {
    this.#timer?.stop();
    this.#timer = undefined;
  }

  #hold(worker: LimitedWorker, slot: number, sentAt: number): void {
    let slots = this.#sent.get(worker);
    if (slots === undefined) {
      slots = new Map();
      this.#sent.set(worker, slots);
    }
    slots.set(slot, sentAt);
    this.#sentCount++;
  }

  /** Frees the permit of a sent job. If the job has started, the permit expires later. */
  #release(worker: LimitedWorker, slot: number, hasStarted: boolean): void {
    const slots = this.#sent.get(worker)!;
    const sentAt = slots.get(slot)!;
    slots.delete(slot);
    this.#sentCount--;
    if (hasStarted) this.#addStart(Number.isNaN(sentAt) ? worker.startedAt(slot) : sentAt);
  }

  #timeOfSend(now: number): number {
    return isClockFaked() ? now : Number.NaN;
  }

  #addStart(startedAt: number): void {
    // The clock may have been faked since the start, and may show an earlier time than the start.
    const time = Math.min(startedAt, this.#now());
    let at = this.#startTimes.length;
    while (at > 0 && this.#startTimes[at - 1]! > time) at--;
    if (at === this.#startTimes.length) this.#startTimes.push(time);
    else this.#startTimes.splice(at, 0, time);
  }

  #readLedgers(): void {
    for (const worker of this.#sent.keys()) this.#readLedger(worker);
  }

  #readLedger(worker: LimitedWorker): void {
    for (const slot of this.#sent.get(worker)?.keys() ?? []) {
      const cell = worker.cellAt(slot);
      if (cell !== UNCLAIMED) this.#release(worker, slot, cell !== REVOKED);
    }
  }

  /**
   * Returns the time of the program's clock. If that clock was faked or restored, the recorded
   * times mean nothing on it. The runs then count as started now.
   */
  #now(): number {
    const time = userNow();
    if (this.#clock !== userClock()) {
      this.#clock = userClock();
      this.#lastTime = time;
      this.#startTimes = this.#startTimes.map(() => time);
      const sentAt = this.#timeOfSend(time);
      for (const slots of this.#sent.values()) for (const slot of slots.keys()) slots.set(slot, sentAt);
    }
    this.#lastTime = Math.max(this.#lastTime, time);
    return this.#lastTime;
  }
}
