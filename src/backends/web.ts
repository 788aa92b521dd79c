/** The runtime of browsers. It is imported as `#runtimes` if package.json chooses browsers. */
import type { Runtimes } from './runtime.js';
import { webWorkers } from './web/backend.js';
import { refuseOptions } from './web/check-options.js';

export const runtimes: Runtimes = {
  web_worker: {
    createBackend: () => webWorkers(),
    createBackendOf: webWorkers,
    checkOptions: refuseOptions,
  },
};
