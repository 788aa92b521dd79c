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
 * @param {number} [options.deadline] ms in which a request has to be answered, waiting included
 * @returns {Pool}
 */
export function openPool({ maxWorkers, maxQueue = 200, deadline = 5_000 } = {}) {
  const executor = new Executor({
    tasks: new URL('./tasks.js', import.meta.url),
    name: 'server',
    // Workers that are up do not delay the first requests.
    minWorkers: 1,
    maxWorkers,
    maxQueue,
  });
  const { tasks } = executor.with({ deadline });

  return {
    run: (task, argument) => tasks[task](argument),
    statusOf,
    stats: () => ({ state: executor.state, ...executor.stats() }),
    close: (grace) => executor.shutdown({ timeout: grace }),
  };
}

/** @param {unknown} error */
function statusOf(error) {
  if (error instanceof TimeoutError) return 504;
  if (error instanceof QueueFullError || error instanceof ExecutorShutdownError) return 503;
  // The server stops and has no time for the task, or the client has left. 499 is for the log.
  if (error instanceof CancelledError) return error.cause instanceof TimeoutError ? 503 : 499;
  return 500;
}
