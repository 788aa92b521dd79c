/** The records that a recording keeps. They have no arguments, no results and no messages. */

/** How a run of a task ended. `waiting` and `running`: it has not ended. */
export type RunStatus = 'waiting' | 'running' | 'fulfilled' | 'rejected' | 'cancelled' | 'retried';

/** One run of a task. Times are in ms since the epoch. */
export interface Run {
  readonly type: 'run';
  readonly id: number;
  readonly name: string;
  readonly upstreamId: number | undefined;
  readonly attempt: number;
  /** The submit, or the end of the delay before a retry. */
  readonly submittedAt: number;
  /** Undefined for a task that never started. So are `worker` and `threadId`. */
  readonly startedAt: number | undefined;
  readonly endedAt: number;
  readonly worker: string | undefined;
  readonly threadId: number | undefined;
  readonly status: RunStatus;
  /** Name of the error class, if the run failed. */
  readonly error: string | undefined;
}

/** The start of a worker, until it was ready. */
export interface WorkerStart {
  readonly type: 'start';
  readonly worker: string;
  readonly threadId: number | undefined;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A moment in the life of a worker or an actor. */
export interface Mark {
  readonly type: 'mark';
  readonly cat: 'worker' | 'actor';
  readonly name: string;
  readonly worker: string;
  readonly threadId: number | undefined;
  readonly at: number;
  readonly args: Readonly<Record<string, unknown>>;
}

export type Recorded = Run | WorkerStart | Mark;
