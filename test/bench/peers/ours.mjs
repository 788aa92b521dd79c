// @ts-check
/** rx-futures, as it is built, with its defaults; only that its workers stay, as everybody's do here. */

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
