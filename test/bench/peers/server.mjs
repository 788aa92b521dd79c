// @ts-check
/**
 * The peers of the rows about servers: single calls that come from turns of the event loop of their
 * own, or after one another.
 */
import { piscina, tinypool } from './all.mjs';

/** @typedef {import('./all.mjs').Run} Run */

/**
 * Returns tinypool and piscina in the settings that may be the best. With Atomics, a worker sleeps
 * until the next task and its event loop stands still. Without them, it sleeps in its event loop.
 *
 * @param {string} task
 * @param {(run: Run) => import('../harness/row.js').Measure} measure
 * @param {number} [inFlight] number of tasks in flight per worker
 * @returns {Record<string, import('../harness/row.js').Contender>}
 */
export function serverPeers(task, measure, inFlight = 1) {
  return {
    tinypool: {
      kind: 'peer',
      setting: `${inFlight} in flight per worker, Atomics, constant-time queue`,
      open: async () => measure(await tinypool({ task, inFlight })),
    },
    'tinypool, messages': {
      kind: 'peer',
      setting: `${inFlight} in flight per worker, without Atomics`,
      open: async () => measure(await tinypool({ task, inFlight, useAtomics: false })),
    },
    piscina: {
      kind: 'peer',
      setting: `${inFlight} in flight per worker, Atomics`,
      open: async () => measure(await piscina({ task, inFlight })),
    },
    'piscina, messages': {
      kind: 'peer',
      setting: `${inFlight} in flight per worker, without Atomics`,
      open: async () => measure(await piscina({ task, inFlight, atomics: 'disabled' })),
    },
  };
}
