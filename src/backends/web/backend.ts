/**
 * Runs tasks on the workers of a browser. Messages use a port of the library's own. The ledger is
 * in shared memory if the page may share memory.
 */
import type { Backend } from '../backend.js';
import type { WorkerFactory } from '../runtime.js';
import { WebSession } from './session.js';
import { moduleWorker } from './start-worker.js';

/**
 * Creates the backend of browsers, which is the default there. Pass it as `backend` if a bundler
 * chooses the files for Node, although the program runs in a browser.
 *
 * ```ts no-run: it needs a browser
 * import { Executor, webWorkers } from 'rx-futures/web';
 *
 * const executor = new Executor<typeof import('./tasks.js')>({
 *   tasks: new URL('./tasks.js', import.meta.url),
 *   backend: webWorkers(),
 * });
 * console.log(await executor.tasks.square(3));
 * // Output:
 * // 9
 * ```
 *
 * @param create returns a new worker, whose file passes its tasks to `serveWorker()`. By default,
 *   each worker imports the module that the option `tasks` names, as the server has it
 */
export function webWorkers(create?: WorkerFactory): Backend {
  return {
    name: 'web workers',
    open: (config, _options, listener) =>
      new WebSession(config, create ?? (() => moduleWorker(config.workerName)), listener),
  };
}
