// @ts-check
/**
 * Opens each pool as a function `(argument) => Promise`, so that a row calls all pools in the same
 * way.
 */
import { openPiscina } from './piscina.mjs';
import { openPoolifier } from './poolifier.mjs';
import { openTinypool } from './tinypool.mjs';
import { openWorkerpool } from './workerpool.mjs';

/** @typedef {(argument: any) => PromiseLike<any>} Run */
/** @typedef {import('../harness/row.js').Measure} Measure */

/**
 * Returns the peers as contenders, with one contender for each setting that may be the best.
 *
 * The settings were compared on 60,000 no-ops at once (2 cores, 2 workers, Node 20, 2026-11). They
 * had 1, 8, 64, 256 and 1,024 tasks in flight, with and without Atomics. The machine was not quiet,
 * so both settings take part if two were close.
 *
 *   - tinypool: 33,000/s with 1 in flight, 54,000 with 64, 97,000 with 256, 92,000 with 1,024.
 *     Atomics make no difference.
 *   - piscina: 35,000/s with 1 in flight, 74,000 with 256 or 1,024. With many in flight, it is
 *     fastest without Atomics.
 *   - poolifier: 78,000/s without its queue, if all tasks are sent at once. 13,000 to 68,000 with
 *     it.
 *
 * @param {string} task
 * @param {(run: Run) => Measure} measure
 * @returns {Record<string, import('../harness/row.js').Contender>}
 */
export function bulkPeers(task, measure) {
  return {
    'tinypool, 64': {
      kind: 'peer',
      setting: '64 in flight per worker, constant-time queue',
      open: async () => measure(await tinypool({ task, inFlight: 64 })),
    },
    'tinypool, 256': {
      kind: 'peer',
      setting: '256 in flight per worker, constant-time queue',
      open: async () => measure(await tinypool({ task, inFlight: 256 })),
    },
    piscina: {
      kind: 'peer',
      setting: '256 in flight per worker, without Atomics',
      open: async () => measure(await piscina({ task, inFlight: 256, atomics: 'disabled' })),
    },
    poolifier: {
      kind: 'peer',
      setting: 'without its queue: all tasks are sent at once',
      open: async () => measure(await poolifier({ task })),
    },
    workerpool: {
      kind: 'peer',
      setting: 'constant-time queue (one task at a time, always)',
      open: async () => measure(await workerpool({ task })),
    },
  };
}

/**
 * Returns the peers with one task in flight per worker and the other tasks in the queue of the
 * pool. Use them if a task must not wait on a worker, and for one task after another.
 *
 * The settings were compared on 5,000 no-ops in sequence, on the same machine as above:
 *
 *   - tinypool: 18,000/s with Atomics, 12,000 without.
 *   - piscina: 14,000 to 15,000/s with and without Atomics.
 *   - poolifier: 21,000/s with its queue, 13,000 without.
 *
 * @param {string} task
 * @param {(run: Run) => Measure | Promise<Measure>} measure
 * @param {string} [folder] the folder of the tasks, in `work/`
 * @returns {Record<string, import('../harness/row.js').Contender>}
 */
export function oneByOnePeers(task, measure, folder = '') {
  const module = `${folder}tasks`;
  return {
    tinypool: {
      kind: 'peer',
      setting: '1 in flight per worker, Atomics, constant-time queue',
      open: async () => measure(await tinypool({ task, module })),
    },
    piscina: {
      kind: 'peer',
      setting: '1 in flight per worker, Atomics',
      open: async () => measure(await piscina({ task, module })),
    },
    poolifier: {
      kind: 'peer',
      setting: 'queue with 1 in flight per worker, stealing on',
      open: async () => measure(await poolifier({ task, inFlight: 1, folder })),
    },
    workerpool: {
      kind: 'peer',
      setting: 'constant-time queue (one task at a time, always)',
      open: async () => measure(await workerpool({ task, folder })),
    },
  };
}

/**
 * @param {NonNullable<Parameters<typeof openTinypool>[0]>} setting
 * @returns {Promise<Run>}
 */
export async function tinypool(setting) {
  const pool = await openTinypool(setting);
  return (argument) => pool.run(argument);
}

/**
 * @param {NonNullable<Parameters<typeof openPiscina>[0]>} setting
 * @returns {Promise<Run>}
 */
export async function piscina(setting) {
  const pool = await openPiscina(setting);
  return (argument) => pool.run(argument);
}

/**
 * @param {{ task: string, inFlight?: number, folder?: string }} setting
 * @returns {Promise<Run>}
 */
export async function poolifier({ task, inFlight, folder }) {
  const pool = await openPoolifier({ inFlight, folder });
  return (argument) => pool.execute(argument, task);
}

/**
 * @param {{ task: string, folder?: string }} setting
 * @returns {Promise<Run>}
 */
export async function workerpool({ task, folder }) {
  const pool = await openWorkerpool({ folder });
  return (argument) => pool.exec(task, [argument]);
}
