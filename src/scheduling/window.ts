/**
 * How many legs a worker may have in flight: enough that it never waits for more, few enough that what it has not begun
 * can be given to somebody else. Learned from the pace at which the worker reports.
 */

/** ms of work that a worker should have at hand: some tens of round trips, so that main may be late. */
const AHEAD = 5;
/** Before anything is known. What is sent too early comes back through the ledger, so this may be generous. */
const AT_FIRST = 32;
const LARGEST = 4096;
/** Weight of the newest report in the running average. */
const NEWEST = 0.5;

export class Window {
  #msPerLeg: number | undefined;

  constructor(readonly concurrency: number) {}

  get size(): number {
    const ahead = this.#msPerLeg === undefined ? AT_FIRST : Math.ceil(AHEAD / this.#msPerLeg);
    return this.concurrency + Math.max(1, Math.min(ahead, LARGEST - this.concurrency));
  }

  /** The worker has reported `legs` that it ran in `busy` ms. */
  observe(legs: number, busy: number): void {
    if (legs === 0 || busy <= 0) return;
    const newest = Math.max(busy / legs, AHEAD / LARGEST);
    this.#msPerLeg = this.#msPerLeg === undefined ? newest : this.#msPerLeg + NEWEST * (newest - this.#msPerLeg);
  }
}
