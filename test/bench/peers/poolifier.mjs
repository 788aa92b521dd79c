// @ts-check
/** poolifier with two threads that stay. */
import { fileURLToPath } from 'node:url';

/**
 * @param {object} [setting]
 * @param {number} [setting.inFlight] tasks that a worker is sent before it has answered; without it there is no queue: all are sent at once
 */
export async function openPoolifier({ inFlight } = {}) {
  const { FixedThreadPool } = await import('poolifier');
  return new FixedThreadPool(2, fileURLToPath(new URL('../work/poolifier-worker.mjs', import.meta.url)), {
    // Nobody listens to them.
    enableEvents: false,
    ...(inFlight === undefined ? {} : { enableTasksQueue: true, tasksQueueOptions: { concurrency: inFlight } }),
  });
}
