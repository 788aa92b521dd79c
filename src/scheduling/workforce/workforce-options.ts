/** The options of a workforce: which workers there are, and how they start and end. */
import type { Backend, WorkerOptions } from '../../backends/backend.js';
import type { IdleOptions } from './idle-workers.js';
import type { StartOptions } from './start-failures.js';

export interface WorkforceOptions extends StartOptions, IdleOptions {
  readonly backend: Backend;
  readonly workerOptions: WorkerOptions;
  readonly maxWorkers: number;
  readonly maxTasksPerWorker: number;
  /** Time in ms that the finalizer of a worker may take. */
  readonly finalizeTimeout: number;
}
