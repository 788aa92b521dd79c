/**
 * The place of a job in the lane of its key, as far as the other rooms of the scheduler need it.
 */
import type { Key } from '../../protocol/job-layout.js';

export interface Place {
  readonly lane: JobLane;
}

/** The lane of a job: all unsettled jobs of its key (lanes/lane.ts). */
export interface JobLane {
  readonly key: Key;
  /** A job of the lane has started on the worker of the lane. */
  readonly isStarted: boolean;
  /** Number of slots that root jobs of the lane occupy on their worker. */
  readonly roots: number;
  /** Returns true if a job that was not sent has to wait for no other job of the lane. */
  mayStart(job: object): boolean;
  /** A job of the lane was seen to have started. */
  started(): void;
  /** A slot was assigned to a job of the lane. */
  entered(isRoot: boolean): void;
  /** A job has ended, or was revoked. `hasRun` is false for a revoked job. */
  left(isRoot: boolean, hasRun: boolean): void;
}
