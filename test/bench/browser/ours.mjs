// @ts-check
/**
 * Opens the built rx-futures with two workers that stay alive, as all peers have. A page uses the
 * option `worker`. Bun has the build for Node, whose default are worker threads.
 */
import { isBun } from './is-bun.mjs';
import { startWorker } from './start-worker.mjs';

export async function openOurs() {
  const { Executor } = await import('rx-futures');
  /** @type {import('rx-futures').Executor<typeof import('../work/tasks.mjs')>} */
  const executor = new Executor({
    ...(isBun ? { tasks: new URL('../work/tasks.mjs', import.meta.url) } : { worker: () => startWorker('ours') }),
    minWorkers: 2,
    maxWorkers: 2,
  });
  await executor.ready();
  return executor;
}
