/** The main thread's end of a stream argument that a task reads. */
import type { JobWorker } from '../../scheduling/job/job.js';
import type { TaskRun } from '../run/task-run.js';
import type { RunInput } from './run-streams.js';

/** The task that reads, and its worker. */
export interface FeedTarget {
  readonly run: TaskRun;
  readonly input: RunInput;
  readonly worker: JobWorker;
  /** Number of the input on the worker. */
  readonly number: number;
}

export interface Feed {
  /** Starts the source. It may end before the call returns. */
  start(): void;
  /** The task has read `count` values. */
  granted(count: number): void;
  /** The task reads no more values. Ends the source, unless it has ended. */
  leave(): void;
}
