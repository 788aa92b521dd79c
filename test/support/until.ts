/** Polls for a condition that no event reports, such as the action of another process. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Interval in ms between two checks. */
const INTERVAL = 5;
/** Time in ms after which the test fails. */
const TIMEOUT = 15_000;

/** Resolves as soon as the condition holds. @throws Error if it does not hold in time */
export async function until(condition: () => boolean | Promise<boolean>, most = TIMEOUT): Promise<void> {
  for (const end = performance.now() + most; !(await condition()); await sleep(INTERVAL)) {
    if (performance.now() > end) throw new Error(`The condition does not hold after ${most} ms: ${condition}`);
  }
}
