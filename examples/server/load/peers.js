/**
 * The pools that the load runs compare: ours, and the same tasks on piscina and on tinypool. Each
 * has two workers that are up before the first request.
 */
import { fileURLToPath } from 'node:url';
import { openPool } from '../src/pool.js';

const filename = fileURLToPath(new URL('../src/tasks.js', import.meta.url));
const threads = { filename, minThreads: 2, maxThreads: 2 };

/**
 * The pools by name. A peer takes part with one task in flight per worker and with 16, because
 * either may be its best setting.
 *
 * @type {Record<string, () => Promise<import('../src/pool.js').Pool>>}
 */
export const pools = {
  'rx-futures': async () => openPool({ minWorkers: 2, maxWorkers: 2 }),
  piscina: () => piscina({}),
  'piscina, 16 in flight': () => piscina({ concurrentTasksPerWorker: 16, atomics: 'disabled' }),
  tinypool: () => tinypool({}),
  'tinypool, 16 in flight': () => tinypool({ concurrentTasksPerWorker: 16, useAtomics: false }),
};

async function piscina(options) {
  const { Piscina } = await import('piscina');
  // Histograms of run and wait times are off. rx-futures records both.
  const pool = new Piscina({ ...threads, recordTiming: false, ...options });
  return peer(pool, () => pool.close());
}

async function tinypool(options) {
  const { Tinypool } = await import('tinypool');
  const pool = new Tinypool({ ...threads, ...options });
  return peer(pool, () => pool.destroy());
}

/** @returns {import('../src/pool.js').Pool} */
function peer(pool, close) {
  return {
    run(name, argument) {
      const controller = new AbortController();
      const result = pool.run(argument, { name, signal: controller.signal });
      return Object.assign(result, { cancel: () => controller.abort() });
    },
    statusOf: () => 500,
    stats: () => ({ queued: pool.queueSize, threads: pool.threads.length }),
    close,
  };
}
