// @ts-check
/** Opens poolifier with two threads that stay alive. */
import { fileURLToPath } from 'node:url';

/**
 * @param {object} [setting]
 * @param {number} [setting.inFlight] number of tasks in flight per worker. By default, the queue is
 * off
 *   and all tasks are sent at once.
 * @param {string} [setting.folder] the folder of the worker, in `work/`
 */
export async function openPoolifier({ inFlight, folder = '' } = {}) {
  const { FixedThreadPool } = await import('poolifier');
  return new FixedThreadPool(2, fileURLToPath(new URL(`../work/${folder}poolifier-worker.mjs`, import.meta.url)), {
    // The bench does not listen to events.
    enableEvents: false,
    ...(inFlight === undefined ? {} : { enableTasksQueue: true, tasksQueueOptions: { concurrency: inFlight } }),
  });
}
