// @ts-check
/**
 * The peers of the rows about servers: single calls that come from turns of the event loop of their
 * own, or after one another.
 */
import { piscina, tinypool } from './all.mjs';

/** @typedef {import('./all.mjs').Run} Run */
/** @typedef {import('../harness/row.js').Measure} Measure */

/** Number of calls before the first round. */
const WARM_UP = 5_000;

/**
 * Runs many calls first. A server runs for hours, so the code of its calls is compiled. The rounds
 * of these rows have so few calls that V8 would interpret most of it.
 *
 * @param {(run: Run) => Measure} measure
 * @param {number} argument is passed to the calls before the first round
 * @returns {(run: Run) => Promise<Measure>}
 */
export function warmed(measure, argument) {
  return async (run) => {
    for (let i = 0; i < WARM_UP; i++) await run(argument);
    return measure(run);
  };
}

/**
 * Returns tinypool and piscina in the settings that may be the best. With Atomics, a worker sleeps
 * until the next task and its event loop stands still. Without them, it sleeps in its event loop.
 *
 * @param {string} task
 * @param {(run: Run) => Measure | Promise<Measure>} measure
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
