/**
 * The time of the current tick, which is recorded for every task. The clock is read once for all
 * tasks that a tick submits.
 *
 * The time is a small integer: hundredths of a ms, in 32 bits. A fraction would be an object of its
 * own in each of a million futures. The number wraps round every twelve hours. Differences shorter
 * than that stay correct.
 */
import { performance, queueMicrotask } from '#platform/time';

const TICKS_PER_MS = 100;
/**
 * Tolerance in ms. Rounding can make a moment appear slightly earlier than the tick it belongs to.
 * A second is more than any rounding, and little of the twelve hours.
 */
const ROUNDING_TOLERANCE_MS = 1_000;

export class Clock {
  #now = 0;
  #isRead = false;
  readonly #turnEnded = () => {
    this.#isRead = false;
  };

  get now(): number {
    if (!this.#isRead) {
      this.#isRead = true;
      this.#now = (performance.now() * TICKS_PER_MS) | 0;
      queueMicrotask(this.#turnEnded);
    }
    return this.#now;
  }
}

/** Returns the ms from a tick to a moment (in ms since the epoch), up to twelve hours. */
export function since(tick: number, moment: number): number {
  const then = ((moment - performance.timeOrigin) * TICKS_PER_MS) | 0;
  const passed = ((then - tick) >>> 0) / TICKS_PER_MS;
  return passed > 2 ** 32 / TICKS_PER_MS - ROUNDING_TOLERANCE_MS ? 0 : passed;
}
