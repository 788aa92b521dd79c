/** Runs tasks on workers that a function of the program creates. */
import type { Backend } from '../backend.js';
import type { WorkerFactory } from '../runtime.js';
import { FactorySession } from './session.js';

/** The backend for the option `worker`. */
export function factoryBackend(create: WorkerFactory): Backend {
  return {
    name: 'worker factory',
    traits: { linksWorkers: true },
    open: (config, _options, listener) => new FactorySession(config, create, listener),
  };
}
