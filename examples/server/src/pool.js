/** Opens the pool that runs the tasks of the server: an executor of rx-futures. */
import { CancelledError, Executor, ExecutorShutdownError, QueueFullError, TimeoutError } from 'rx-futures';

/**
 * @typedef {object} Pool
 * @property {(task: string, argument: unknown) => Run} run
 * @property {(error: unknown) => number} statusOf returns the HTTP status of a failure
 * @property {() => unknown} stats
 * @property {(grace: number) => Promise<unknown>} close waits for tasks, at most `grace` ms
 *
 * @typedef {PromiseLike<any> & { cancel(reason?: unknown): unknown }} Run
 */

/**
 * @param {object} [options]
 * @param {number} [options.maxWorkers]
 * @param {number} [options.maxQueue] number of requests that may wait for a worker
 * @param {number} [options.timeout] ms that a task may run
 * @returns {Pool}
 */
export function openPool({ maxWorkers, maxQueue = 200, timeout = 5_000 } = {}) {
  const executor = new Executor({
    tasks: new URL('./tasks.js', import.meta.url),
    name: 'server',
    // Workers that are up do not delay the first requests.
    minWorkers: 1,
    maxWorkers,
    maxQueue,
    // These tasks block their thread and can't see a cancel. Their worker is replaced.
    terminateAfter: 100,
  });
  const { tasks } = executor.with({ timeout });

  return {
    run: (task, argument) => tasks[task](argument),
    statusOf,
    stats: () => ({ state: executor.state, ...executor.stats() }),
    async close(grace) {
      const limit = setTimeout(() => executor.terminate(), grace);
      await executor.shutdown();
      clearTimeout(limit);
    },
  };
}

/** @param {unknown} error */
function statusOf(error) {
  if (error instanceof TimeoutError) return 504;
  if (error instanceof QueueFullError || error instanceof ExecutorShutdownError) return 503;
  // The client has left, or the server stops and has no time for the task.
  if (error instanceof CancelledError) return 503;
  return 500;
}
