/**
 * Runs tasks in child processes. A native crash ends only the process of the task.
 *
 * Messages use the channel of the process, which shares no memory and moves nothing. So a sent job
 * counts as started, and `transfer` copies.
 */
import type { Backend } from '../backend.js';
import { ProcessSession } from './session.js';

/** The backend for `runtime: 'child_process'`. */
export function processesBackend(): Backend {
  return { name: 'processes', open: (config, options, listener) => new ProcessSession(config, options, listener) };
}
