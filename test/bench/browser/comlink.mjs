// @ts-check
/**
 * Opens two workers with Comlink, which has no pool and no queue: a call is sent at once. The
 * calls alternate between the workers.
 */
import * as Comlink from 'comlink/dist/esm/comlink.mjs';
import { startWorker } from './start-worker.mjs';

/** @typedef {import('./workers/comlink.mjs').Exposed} Exposed */

export function openComlink() {
  const open = () => /** @type {import('comlink').Remote<Exposed>} */ (Comlink.wrap(startWorker('comlink')));
  return /** @type {const} */ ([open(), open()]);
}

/** @param {(value: number) => void} next */
export const proxy = (next) => Comlink.proxy(next);
