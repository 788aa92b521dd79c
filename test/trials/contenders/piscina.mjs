/** Opens piscina. Tasks are exports, and an AbortSignal cancels a task. */
import { Piscina } from 'piscina';
import { modulePath } from './locate.mjs';

export const can = { initialize: true, cancel: true, cleanUp: false, drain: true };

export function open({ module = 'tasks', limits, initializes = false }) {
  const pool = new Piscina({
    filename: modulePath(initializes ? 'fails-to-initialize' : module),
    minThreads: 1,
    maxThreads: 1,
    resourceLimits: limits,
  });
  // piscina emits errors of a worker outside of tasks as events, as documented.
  pool.on('error', () => {});
  const options = (task) => (initializes ? {} : { name: task });
  return {
    start(task, arg) {
      const controller = new AbortController();
      const result = pool.run(arg, { ...options(task), signal: controller.signal });
      return { result, cancel: (reason) => controller.abort(reason) };
    },
    drop: (task, arg) => void pool.run(arg, options(task)),
    close: () => pool.close(),
    destroy: () => pool.destroy(),
  };
}
