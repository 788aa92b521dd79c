/** Chooses the jobs of a batch while keys are in use: from the queue, and from lanes. */
import type { Job } from '../job/job.js';
import { isHoldable, treeSize } from '../job/job-tree.js';
import type { LaneWorker } from '../lanes/lane.js';
import { isBefore } from '../lanes/lane-heap.js';
import type { Lanes } from '../lanes/lanes.js';
import type { PriorityQueue } from '../queue/priority-queue.js';
import type { Load } from '../worker/load.js';

/** The worker that receives the batch. */
export interface BatchWorker extends LaneWorker {
  readonly canRevoke: boolean;
  readonly load: Load;
}

export interface PickLimits {
  /** Maximum number of job trees in the batch. */
  readonly trees: number;
  /** Maximum number of job trees and lanes that other workers could run as well. */
  readonly share: number;
  /** If false, no job is sent that waits for another one of its key. */
  readonly mayHold: boolean;
}

/**
 * Takes jobs for a worker, in the order of priority and then of submission. Jobs that wait for
 * another one of their key take room of the prefetch only, because the worker holds them.
 *
 * Stops at a job with moved arguments that can't start at once. Posting moves its arguments away,
 * so the job could not be revoked.
 */
export function pickJobs(worker: BatchWorker, queue: PriorityQueue, lanes: Lanes, limits: PickLimits): Job[] {
  const { limit, freeSlots, window } = worker.load;
  const { concurrency } = window;
  const mayHold = limits.mayHold && worker.canRevoke;
  const batch: Job[] = [];
  let { share } = limits;
  let { contending, held } = worker.load;
  const inFlight = contending + held;
  while (batch.length < limits.trees && contending + held - inFlight < freeSlots) {
    const canStart = contending < concurrency || contending + held < limit;
    const canHold = mayHold && Math.max(concurrency, contending) + held < limit;
    const lane = lanes.best(worker, { canStart, canHold, fromAll: share > 0 });
    const job = canStart && share > 0 ? queue.first : undefined;
    if (lane !== undefined && (job === undefined || isBefore(lane, { priority: job.priority, order: job.id }))) {
      const next = lane.next!;
      if (lane.isInFlight) {
        if (!isHoldable(next)) {
          lanes.withdraw(lane);
          continue;
        }
        held++;
      } else {
        if (next.transfer !== undefined && contending >= concurrency) break;
        if (lane.worker === undefined) share--;
        contending += treeSize(next);
      }
      batch.push(lanes.take(lane, worker));
    } else if (job !== undefined) {
      if (job.transfer !== undefined && contending >= concurrency) break;
      share--;
      contending += treeSize(job);
      batch.push(queue.take()!);
    } else break;
  }
  return batch;
}
