/** The events of a worker, for the scheduler. */
import type { Ending } from '../../backends/ending.js';
import type { FromWorker } from '../../protocol/messages.js';
import type { WireError } from '../../protocol/wire-error.js';
import type { Job } from '../job/job.js';
import type { Worker, WorkerOwner } from './worker.js';

export interface WorkerListener extends WorkerOwner {
  ready(worker: Worker): void;
  bootFailed(worker: Worker, message: FromWorker & { type: 'boot-failed' }): void;
  /**
   * The worker reported slots, which are free again. `jobs[i]` is the job of report `i`, or
   * `undefined` if the job was cancelled or revoked.
   */
  reported(worker: Worker, jobs: readonly (Job | undefined)[], reports: FromWorker & { type: 'reports' }): void;
  /** An error escaped all promises on the worker, so the worker must be replaced. */
  faulted(worker: Worker, fault: FromWorker & { type: 'faulted' }): void;
  /**
   * The task of a stream has failed. Its job is reported when its cleanup has ended. `job` is
   * undefined if its reader has left.
   */
  streamFailed(worker: Worker, job: Job | undefined, error: WireError): void;
  /** The cleanup of a stream failed after its reader had left. */
  cleanupFailed(failure: FromWorker & { type: 'cleanup-failed' }): void;
  /** The worker has answered a ping, so its thread is not blocked. */
  answered(worker: Worker): void;
  /** The heap of the worker has reached `maxMemoryPerWorker`. */
  heapFull(worker: Worker): void;
  /** The finalizer has ended. */
  finalized(message: FromWorker & { type: 'finalized' }): void;
  /** The worker has sent the cancel of another process's task. */
  remoteCancelled(id: number): void;
  ended(worker: Worker, ending: Ending): void;
}
