/** Waits for what no event tells of: what another process has done. */
import { setTimeout as sleep } from 'node:timers/promises';

/** ms between two looks. */
const GLANCE = 5;
/** ms after which it is taken never to come. */
const NEVER = 15_000;

/** Resolves as soon as the condition holds. @throws Error where it never does */
export async function until(condition: () => boolean | Promise<boolean>, most = NEVER): Promise<void> {
  for (const end = performance.now() + most; !(await condition()); await sleep(GLANCE)) {
    if (performance.now() > end) throw new Error(`still not so after ${most} ms: ${condition}`);
  }
}
