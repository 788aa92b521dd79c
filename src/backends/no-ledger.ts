/**
 * The ledger of a worker that shares no memory with the main thread, such as a child process. The
 * worker receives only jobs that it can start at once, and they are never revoked.
 */
import { NO_CREDIT_CELLS, type WorkerLedger } from '../protocol/ledger.js';

export const NO_LEDGER: WorkerLedger = {
  isShared: false,
  add: () => {},
  claim: () => true,
  finish: () => {},
  isStopped: () => false,
  markCancelRead: () => {},
  clearCancelRead: () => {},
  ...NO_CREDIT_CELLS,
};
