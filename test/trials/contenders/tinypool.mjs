/** tinypool: tasks are exports, a task is cancelled by an AbortSignal, `destroy` is the only way to close. */
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
  // Documented by piscina, from which it comes: without a listener a worker's error outside of tasks ends the process.
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
