/**
 * Opens tinypool. Tasks are exports, an AbortSignal cancels a task, and `destroy` is the only way
 * to close the pool.
 */
import { Tinypool } from 'tinypool';
import { modulePath } from './locate.mjs';

export const can = { initialize: true, cancel: true, cleanUp: false, drain: false };

export function open({ module = 'tasks', limits, initializes = false }) {
  const pool = new Tinypool({
    filename: modulePath(initializes ? 'fails-to-initialize' : module),
    minThreads: 1,
    maxThreads: 1,
    resourceLimits: limits,
  });
  // Without a listener, an error of a worker outside of tasks ends the process. The documentation
  // of piscina, from which tinypool was forked, says so.
  pool.on('error', () => {});
  const options = (task) => (initializes ? {} : { name: task });
  return {
    start(task, arg) {
      const controller = new AbortController();
      const result = pool.run(arg, { ...options(task), signal: controller.signal });
      return { result, cancel: (reason) => controller.abort(reason) };
    },
    drop: (task, arg) => void pool.run(arg, options(task)),
    close: () => pool.destroy(),
    destroy: () => pool.destroy(),
  };
}
