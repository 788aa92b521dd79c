/**
 * The runtimes of Node. They are imported as `#runtimes`, so that package.json can choose others
 * for another platform.
 */

import { isBun, isDeno } from '#platform/which-runtime';
import { toProcess } from '../protocol/process-bytes.js';
import { factoryBackend } from './factory/backend.js';
import { refuseProcesses } from './node-worker/refuse.js';
import { processesBackend } from './processes/backend.js';
import type { Runtimes } from './runtime.js';
import { threadsBackend } from './threads/backend.js';
import { checkThreadOptions, checkWorkerOptions } from './tinypool/check-options.js';

export const runtimes: Runtimes = {
  worker_threads: {
    createBackend: threadsBackend,
    createBackendOf: factoryBackend,
    checkOptions: checkThreadOptions,
  },
  child_process:
    isBun || isDeno
      ? { createBackend: processesBackend, checkOptions: () => refuseProcesses() }
      : { createBackend: processesBackend, checkOptions: checkWorkerOptions, tryToSend: toProcess },
};
