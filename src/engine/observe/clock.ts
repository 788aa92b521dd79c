/**
 * The time of this tick, for what is noted of every task: read once for all that a tick submits, and a small integer, since a fraction would be an
 * object of its own in each of a million futures. Hundredths of a ms, in 32 bits; wraps round every twelve hours, which differences below that
 * survive.
 */
import { performance, queueMicrotask } from '../../platform/time.js';

const PER_MS = 100;
/** ms by which a moment may seem to come before its tick, and more: it is rounding that does it. */
const BEFORE = 1_000;

export class Clock {
  #now = 0;
  #isRead = false;

  get now(): number {
    if (!this.#isRead) {
      this.#isRead = true;
      this.#now = (performance.now() * PER_MS) | 0;
      queueMicrotask(() => {
        this.#isRead = false;
      });
    }
    return this.#now;
  }
}

/** ms from a tick to a moment (ms since the epoch), up to twelve hours. */
export function since(tick: number, moment: number): number {
  const then = ((moment - performance.timeOrigin) * PER_MS) | 0;
  const passed = ((then - tick) >>> 0) / PER_MS;
  return passed > 2 ** 32 / PER_MS - BEFORE ? 0 : passed;
}
