/** The time, and timers without the trap: setTimeout takes more than 24.8 days for 1 ms. */
import { outside } from './context.js';

/** What setTimeout can do, in ms. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** setTimeout, outside of every async context; what is longer than it can do waits as long as it can, 24.8 days. */
export function after(ms: number, callback: () => void): NodeJS.Timeout {
  return outside(() => setTimeout(callback, Math.min(ms, LONGEST_TIMER)));
}

/** ms since the epoch, with fractions, by the clock that all threads of a process share and that is never set back. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
