/**
 * Jobs that have arrived and have not started. Kept only by a worker that shares no memory with the
 * main thread, which can't revoke such jobs: it cancels them by a message.
 */
import { idOf, nextJob, slotOf } from '../protocol/job-layout.js';
import type { Cells } from '../protocol/messages.js';

export class UnstartedJobs {
  /** Ids of the jobs by slot. */
  readonly #ids = new Map<number, number>();
  /** Slots of the jobs that the main thread has cancelled. */
  readonly #cancelled = new Set<number>();

  add(cells: Cells): void {
    for (let at = 0; at < cells.length; at = nextJob(cells, at)) this.#ids.set(slotOf(cells, at), idOf(cells, at));
  }

  /** Cancels a job. Returns false if the job is not here, because it has started. */
  cancel(slot: number, id: number): boolean {
    if (this.#ids.get(slot) !== id) return false;
    this.#cancelled.add(slot);
    return true;
  }

  isCancelled(slot: number): boolean {
    return this.#cancelled.has(slot);
  }

  /** Removes a job that starts or is skipped. */
  remove(slot: number): void {
    this.#ids.delete(slot);
    this.#cancelled.delete(slot);
  }
}
