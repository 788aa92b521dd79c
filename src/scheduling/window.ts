/**
 * How many legs a worker may have in flight: enough that it never waits for more, few enough that what it has not begun
 * can be given to somebody else. Learned from the pace at which the worker reports.
 */

/** ms of work that a worker should have at hand: some tens of round trips, so that main may be late. */
const AHEAD = 5;
/** ms without a word after which a worker counts as being at a long task: it should have had nothing left to do. */
export const STALLED_AFTER = 2 * AHEAD;
const LARGEST = 4096;
/** Weight of the newest report in the running average. */
const NEWEST = 0.25;

export class Window {
  #msPerJob: number | undefined;

  /** `isAhead`: what is sent too early can be taken back; otherwise a worker gets only what it begins at once. */
  constructor(
    readonly concurrency: number,
    readonly isAhead = true,
  ) {}

  get size(): number {
    if (!this.isAhead) return this.concurrency;
    // Nothing is sent ahead to a worker whose pace is unknown or slow: first come first served then holds exactly.
    const ahead = this.#msPerJob === undefined ? 0 : Math.floor(AHEAD / this.#msPerJob);
    return this.concurrency + Math.min(ahead, LARGEST);
  }

  /** ms that so many legs take, as far as is known; Infinity where nothing is. */
  timeFor(dependents: number): number {
    return this.#msPerJob === undefined ? Number.POSITIVE_INFINITY : (dependents * this.#msPerJob) / this.concurrency;
  }

  /** The worker has reported `legs` that it ran in `busy` ms. */
  observe(dependents: number, busy: number): void {
    if (dependents === 0 || busy <= 0) return;
    const newest = Math.max(busy / dependents, AHEAD / LARGEST);
    // Faster counts at once: what looks slow may be a thread that was not given the processor, and what is sent too early comes back.
    if (this.#msPerJob === undefined || newest < this.#msPerJob) this.#msPerJob = newest;
    else this.#msPerJob += NEWEST * (newest - this.#msPerJob);
  }
}
