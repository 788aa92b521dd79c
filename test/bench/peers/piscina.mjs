// @ts-check
/** piscina with two threads that stay. Its own queue takes constant time (since 5.0). */
import { fileURLToPath } from 'node:url';

/**
 * @param {object} [setting]
 * @param {string} [setting.task] what `run(argument)` runs
 * @param {string} [setting.module]
 * @param {number} [setting.inFlight] tasks that a worker is sent before it has answered
 * @param {'sync' | 'async' | 'disabled'} [setting.atomics]
 */
export async function openPiscina({ task = 'noop', module = 'tasks', inFlight = 1, atomics = 'sync' } = {}) {
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: fileURLToPath(new URL(`../work/${module}.mjs`, import.meta.url)),
    name: task,
    minThreads: 2,
    maxThreads: 2,
    concurrentTasksPerWorker: inFlight,
    atomics,
    // Its histograms of run and wait times: off, as nobody looks.
    recordTiming: false,
  });
}
