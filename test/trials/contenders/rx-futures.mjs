/** Opens the built version of this library. */
import { Executor } from 'rx-futures';
import { moduleUrl } from './locate.mjs';

export const can = { initialize: true, cancel: true, cleanUp: true, drain: true };

export function open({ module = 'for-rx-futures', limits, initializes = false }) {
  const executor = new Executor({
    tasks: moduleUrl(module),
    maxWorkers: 1,
    resourceLimits: limits,
    initializer: initializes ? 'initialize' : undefined,
    // Time before the worker of a task that ignores its signal is terminated. The default is 5 s.
    terminateAfter: 100,
  });
  return {
    start(task, arg) {
      const future = executor.submit(task, arg);
      return { result: future.result(), cancel: (reason) => void future.cancel(reason) };
    },
    drop: (task, arg) => void executor.submit(task, arg),
    close: () => executor.shutdown(),
    destroy: () => executor.terminate(),
  };
}
