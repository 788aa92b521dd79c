/** The tasks of all programs here. */
import { currentTask } from 'rx-futures/worker';

/** @param {number} n */
export const double = (n) => 2 * n;

/** @param {string} what */
export function fail(what) {
  throw new RangeError(`no ${what}`);
}

/** @type {unknown} */
let lastReason;

/** Ends when its future is cancelled. */
export async function runUntilCancelled() {
  const task = currentTask();
  task.progress('started');
  await new Promise((resolve) => task.signal.addEventListener('abort', resolve));
  lastReason = task.signal.reason;
}

/** Returns the reason of the last cancelled task, which this worker has seen. */
export const reason = () => String(lastReason);
