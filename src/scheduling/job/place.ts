/**
 * The place of a job in the lane of its key or of its actor, for the other folders of the
 * scheduler.
 */
import type { Key } from '../../protocol/job-layout.js';

export interface Place {
  readonly lane: JobLane;
}

/** The actor of a job, as far as the other folders need it. */
export interface JobActor {
  readonly name: string;
  /** True if the actor runs no calls any more. */
  readonly isGone: boolean;
}

/**
 * The lane of a job: all unsettled jobs of its key (lanes/lane.ts) or actor (lanes/actor-lane.ts).
 */
export interface JobLane {
  /** The key, or the id of the actor. */
  readonly key: Key;
  /** Replaces the upstream of root jobs in a message: KEYED or ACTOR. */
  readonly tag: number;
  /** The actor of the lane. Undefined for the lane of a key. */
  readonly actor: JobActor | undefined;
  /** Maximum number of jobs of the lane that run at the same time. */
  readonly concurrency: number;
  /** A job of the lane has started on the worker of the lane. */
  readonly isStarted: boolean;
  /** Number of slots that root jobs of the lane occupy on their worker. */
  readonly roots: number;
  /** Number of the last scan that has counted the lane. Only lane-scan.ts uses it. */
  scan: number;
  /** The jobs that were not sent, in their order. */
  readonly unsent: Iterable<object>;
  /** Returns true if a job that was not sent has to wait for no other job of the lane. */
  mayStart(job: object): boolean;
  /** A job of the lane was seen to have started. */
  started(): void;
  /** A slot was assigned to a job of the lane. */
  entered(isRoot: boolean): void;
  /** A job has ended, or was revoked. `hasRun` is false for a revoked job. */
  left(isRoot: boolean, hasRun: boolean): void;
}
