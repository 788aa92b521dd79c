/**
 * Runs tasks on worker threads. Messages use a port of the library's own, and the ledger is in
 * shared memory.
 */

import { isBun, isDeno } from '#platform/which-runtime';
import type { Backend } from '../backend.js';
import { startThread } from './pool-thread.js';
import { ThreadSession } from './session.js';

/**
 * False on Deno. When the main thread reports the end of a stream, a worker reads what is left in
 * its link. On Deno such a read could return messages in the wrong order (receiver.ts).
 */
export const LINKS_WORKERS = !isDeno;

/** The default backend. */
export function threadsBackend(): Backend {
  return {
    name: 'threads',
    traits: { linksWorkers: LINKS_WORKERS, sendsEncoded: !isBun && !isDeno },
    open: (config, options, listener) => new ThreadSession(config, (failed) => startThread(options, failed), listener),
  };
}
