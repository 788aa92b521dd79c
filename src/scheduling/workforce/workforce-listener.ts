/** The events of an executor's workers, for the engine. */
import type { Ending } from '../../backends/ending.js';
import type { BrokenExecutorError } from '../../errors.js';
import type { Worker } from '../worker/worker.js';

export interface WorkforceListener {
  spawned(worker: Worker): void;
  ready(worker: Worker): void;
  /** The worker receives no new jobs and will be replaced. */
  recycled(worker: Worker, reason: RecycleReason): void;
  /** The worker ended. `isExpected`: with exit code 0 and without an error. */
  ended(worker: Worker, ending: Ending, isExpected: boolean): void;
  /**
   * Called with an error that escaped on a worker, and that rejected no task. A task had started
   * the code that threw, and had finished before.
   */
  faulted(worker: Worker, leftover: Leftover): void;
  /** The cleanup of a stream failed after its reader had left. */
  cleanupFailed(failure: Leftover): void;
  /** The finalizer of a worker failed, did not end in time, or ended the worker. */
  finalizerFailed(error: unknown): void;
  /** No worker can be started, and no further start is tried. */
  broken(error: BrokenExecutorError): void;
  /** `ready()` waits for more workers than can be started soon. Workers that are up continue. */
  incomplete(error: BrokenExecutorError): void;
}

/**
 * Reason why a worker is replaced:
 *
 *   - `max-tasks`: The worker ran `maxTasksPerWorker` tasks.
 *   - `max-memory`: Its heap reached `maxMemoryPerWorker`.
 *   - `uncaught-error`: An error escaped on it.
 *   - `unresponsive`: A task ignored its abort signal.
 *   - `requested`: A person ended it, on a dashboard.
 */
export type RecycleReason = 'max-tasks' | 'max-memory' | 'uncaught-error' | 'unresponsive' | 'requested';

/**
 * An error that a task left behind, with the id and name of the task. If the task is unknown, `id`
 * is 0 and `name` is the worker's.
 */
export interface Leftover {
  readonly error: unknown;
  readonly id: number;
  readonly name: string;
}
