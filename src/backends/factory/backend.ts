/** Runs tasks on workers that a function of the program creates. */
import type { Backend } from '../backend.js';
import type { WorkerFactory } from '../runtime.js';
import { LINKS_WORKERS } from '../threads/backend.js';
import { FactorySession } from './session.js';

/** The backend for the option `worker`. */
export function factoryBackend(create: WorkerFactory): Backend {
  return {
    name: 'worker factory',
    traits: { linksWorkers: LINKS_WORKERS },
    open: (config, _options, listener) => new FactorySession(config, create, listener),
  };
}
