// @ts-check
/**
 * Opens piscina with two threads that stay alive. Its own queue takes constant time (since 5.0).
 */
import { fileURLToPath } from 'node:url';

/**
 * @param {object} [setting]
 * @param {string} [setting.task] the task that `run(argument)` runs
 * @param {string} [setting.module]
 * @param {number} [setting.inFlight] number of tasks in flight per worker
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
    // Histograms of run and wait times are off, because the bench does not read them.
    recordTiming: false,
  });
}
