/**
 * Extends the ledgers of workers whose jobs wait. A task that waits for a stream, or for a call of
 * an actor, keeps its slot of the ledger. If no slot were left, the task that it waits for could
 * not be sent, and both would wait forever.
 */
import { trace } from '#platform/trace';
import type { Worker } from '../worker/worker.js';

/** Slots of a worker that jobs of actors leave free, so that tasks find some. */
export const SLOTS_FOR_TASKS = 512;

/** True if a worker has no slots for some of the jobs that it might receive. */
export function isAnyFull(workers: readonly Worker[]): boolean {
  for (const { load } of workers) if (load.freeSlots <= SLOTS_FOR_TASKS) return true;
  return false;
}

/**
 * Extends each full ledger, if all jobs that could start on its worker have started. A worker with
 * other jobs is only busy, and its slots become free. Called some time after a ledger was full,
 * because it reads all cells of the ledger.
 */
export function extendFull(workers: readonly Worker[]): void {
  for (const worker of workers) {
    if (worker.load.freeSlots > SLOTS_FOR_TASKS || !worker.inFlight.haveAllStarted) continue;
    trace?.('%s: its ledger is extended, because %d jobs wait', worker.name, worker.inFlight.count);
    worker.extendLedger();
  }
}
