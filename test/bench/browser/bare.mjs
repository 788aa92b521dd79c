// @ts-check
/** Opens bare workers, which show the cost of the platform itself. */
import { startWorker } from './start-worker.mjs';

export function openBare() {
  return /** @type {const} */ ([startWorker('bare'), startWorker('bare')]);
}
