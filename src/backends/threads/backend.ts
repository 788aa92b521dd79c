/**
 * Runs tasks on worker threads. Messages use a port of the library's own, and the ledger is in
 * shared memory.
 */
import type { Backend } from '../backend.js';
import { startThread } from './pool-thread.js';
import { ThreadSession } from './session.js';

/** The default backend. */
export function threadsBackend(): Backend {
  return {
    name: 'threads',
    traits: { linksWorkers: true },
    open: (config, options, listener) => new ThreadSession(config, (failed) => startThread(options, failed), listener),
  };
}
