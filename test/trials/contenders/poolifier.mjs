/**
 * Opens poolifier. Tasks belong to a ThreadWorker, an AbortSignal cancels a task, and `destroy` is
 * the only way to close the pool.
 */
import { FixedThreadPool } from 'poolifier';
import { modulePath } from './locate.mjs';

export const can = { initialize: false, cancel: true, cleanUp: false, drain: true };

export function open({ module = 'for-poolifier', limits }) {
  const pool = new FixedThreadPool(1, modulePath(module), {
    // Without its queue, poolifier posts all tasks to the worker at once, and no task waits.
    enableTasksQueue: true,
    errorHandler: () => {},
    workerOptions: limits === undefined ? {} : { resourceLimits: limits },
  });
  pool.emitter?.on('error', () => {});
  return {
    start(task, arg) {
      const controller = new AbortController();
      return { result: pool.execute(arg, task, controller.signal), cancel: (reason) => controller.abort(reason) };
    },
    drop: (task, arg) => void pool.execute(arg, task),
    close: () => pool.destroy(),
    destroy: () => pool.destroy(),
  };
}
