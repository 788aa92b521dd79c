/**
 * Runs tasks on the workers of a browser. Messages use a port of the library's own. The ledger is in
 * shared memory if the page may share memory.
 */
import type { Backend } from '../backend.js';
import type { WorkerFactory } from '../runtime.js';
import { WebSession } from './session.js';
import { moduleWorker } from './start-worker.js';

/**
 * The backend of browsers, and the default there. Import it only to pass it as `backend`, which a
 * program that uses the file of Node in a browser needs.
 *
 * ```ts no-run: it needs a browser
 * import { Executor, webWorkers } from 'rx-futures/web';
 *
 * const worker = () => new Worker(new URL('./tasks.worker.js', import.meta.url), { type: 'module' });
 * const executor = new Executor<typeof import('./tasks.js')>({ backend: webWorkers(worker) });
 * ```
 *
 * @param create creates a worker whose file calls `serveWorker()`. By default, each worker imports
 *   the module of the option `tasks`, which works if the server has it as it is
 */
export function webWorkers(create?: WorkerFactory): Backend {
  return {
    name: 'web workers',
    open: (config, _options, listener) =>
      new WebSession(config, create ?? (() => moduleWorker(config.workerName)), listener),
  };
}
