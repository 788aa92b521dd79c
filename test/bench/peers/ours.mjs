// @ts-check
/**
 * Opens the built rx-futures with its defaults, but with two workers that stay alive, like all
 * peers.
 */

/** @param {import('rx-futures').ExecutorOptions} [options] */
export async function openOurs(options) {
  const { Executor } = await import('rx-futures');
  /** @type {import('rx-futures').Executor<typeof import('../work/tasks.mjs')>} */
  const executor = new Executor({
    tasks: new URL('../work/tasks.mjs', import.meta.url),
    minWorkers: 2,
    maxWorkers: 2,
    ...options,
  });
  await executor.ready();
  return executor;
}
