/** Opens workerpool. Tasks are registered, and its promises have a `cancel()`. */
import workerpool from 'workerpool';
import { modulePath } from './locate.mjs';

export const can = { initialize: false, cancel: true, cleanUp: true, drain: true };

export function open({ module = 'for-workerpool', limits }) {
  const pool = workerpool.pool(modulePath(module), {
    workerType: 'thread',
    maxWorkers: 1,
    workerThreadOpts: limits === undefined ? {} : { resourceLimits: limits },
  });
  return {
    start(task, arg) {
      const result = pool.exec(task, [arg]);
      return { result, cancel: () => void result.cancel() };
    },
    drop: (task, arg) => void pool.exec(task, [arg]),
    close: () => pool.terminate(),
    destroy: () => pool.terminate(true),
  };
}
