/**
 * A task as the scheduler sees it: data to send, and methods that receive its progress and outcome.
 */

import type { FunctionDefinition, HighWaterMark, RunOptions } from '../../protocol/messages.js';
import type { ToInput } from '../../protocol/stream/messages.js';
import type { Transferable } from '../../protocol/transfer.js';
import type { Place } from './place.js';
import type { SharedArgument } from './shared-data.js';

/**
 * Kind of a job:
 *
 *   - `call`: The worker calls the functions of the steps, and reports one result.
 *   - `stream`: The worker emits every value of what the last step has returned.
 *   - `attach`: The job has no steps. It attaches to a task that was submitted before, perhaps by
 *     another process. The reports about that task arrive in the slot of the job.
 */
export type JobKind = 'call' | 'stream' | 'attach';

export interface Job {
  readonly id: number;
  readonly attempt: number;
  readonly kind: JobKind;
  readonly priority: number;
  /** The functions that the job calls. Each receives the value of the one before it. */
  readonly steps: readonly Step[];
  /** How far a stream may be ahead of its reader. `undefined` for a job of another kind. */
  readonly highWaterMark: HighWaterMark | undefined;
  /** Arguments of the first step. `undefined` for a job whose upstream is in the same job tree. */
  readonly args: readonly unknown[] | undefined;
  /** False if `args` is undefined. `args` may create a list each time. */
  readonly hasArgs: boolean;
  /** The value for `currentTask().context`. Undefined if the task has none. */
  readonly context: unknown;
  /** Parts of `args` that are moved to the worker. A job with such parts can't be sent twice. */
  readonly transfer: readonly unknown[] | undefined;
  /** The shared values among `args`. Undefined if there are none. */
  readonly shared: readonly SharedArgument[] | undefined;
  /**
   * The streams that the job reads, and the reader of the values that it emits. Undefined for most
   * jobs.
   */
  readonly streams: JobStreams | undefined;
  /** Jobs of the same tree that receive the value of this job. */
  readonly dependents: readonly Job[] | undefined;
  /** The worker on which the job has to run. `undefined` for a job that runs on any worker. */
  readonly pin: JobWorker | undefined;
  /** The place of the job among the jobs of its key. `undefined` for a job without a key. */
  readonly place: Place | undefined;
  /** The job may fail and run again. Later jobs of its key wait until it has settled. */
  readonly mayRunAgain: boolean;
  /** The upstream of the job has not settled on the main thread. */
  readonly awaitsUpstream: boolean;
  /** The job has a time limit, so `sent()` is called when it is sent. */
  readonly isTimed: boolean;
  /**
   * Time in ms that the task may still run after its cancel. If undefined, the `terminateAfter` of
   * the executor applies.
   */
  readonly terminateAfter: number | undefined;
  /** Options that a queue passes to the server which runs the job. */
  readonly options: RunOptions;

  /** The state, as in job-state.ts. Only `advanceJob` writes it. */
  state: number;
  /** The scheduler writes it. The job changes it when it is retried or settled. */
  worker: JobWorker | undefined;
  /** Slot of the job on its worker. Only the scheduler writes it. */
  slot: number;

  sent(): void;
  /**
   * The job has finished on the worker. Both times are in ms since the epoch. The call that carries
   * the outcome follows.
   */
  ran(startedAt: number, endedAt: number): void;
  fulfilled(value: unknown): void;
  rejected(error: unknown): void;
  /** The task was cancelled by another client of a queue. */
  cancelled(reason: unknown): void;
  /** The job ran and its dependents continue, but its value can't be sent to the main thread. */
  unclonable(error: unknown): void;
  /**
   * The job never started, and its worker has ended. Called only for a job without `args`. The job
   * must be enqueued again with the value of its upstream.
   */
  requeue(): void;
  /** The worker of `pin` will not run the job. */
  leftOut(): void;
  progressed(value: unknown): void;
  /**
   * Receives values of a stream, in order, and their estimated size. `creditLeft` is described at
   * the message `values`.
   */
  streamed(values: readonly unknown[], bytes: number, creditLeft: number | undefined): void;
}

/** The worker of a job, as far as the job may know it. */
export interface JobWorker {
  readonly name: string;
  readonly threadId: number | undefined;
  hasClaimed(job: Job): boolean;
  /** Start of the job in a slot, in ms since the epoch. */
  startedAt(slot: number): number;
  /**
   * End of the job in a slot, in ms since the epoch. NaN if the job is known to run, or if the end
   * is known only from its report.
   */
  endedAt(slot: number): number;
  /** The upstream of the job has settled, so the job starts now. */
  upstreamSettled(job: Job): void;
  /** The reader of a stream has read `count` values, so the worker may emit as many more. */
  grant(job: Job, count: number): void;
  /** True if the worker has reported that the job waits: for a stream, or for its reader. */
  isWaiting(job: Job): boolean;
  /** True if other workers can send values to this one. */
  readonly isLinkable: boolean;
  /**
   * Posts a message about a stream argument of a task, or one end of a link.
   *
   * @throws DataCloneError if the message can't be posted. Then nothing was posted
   */
  postInput(message: ToInput, transfer?: readonly Transferable[]): void;
  /**
   * Name and thread of the worker. A settled job keeps this object, so that it does not keep the
   * worker alive.
   */
  readonly identity: JobWorker;
}

/** An argument that the task reads as a stream. The argument at `position` is undefined. */
export interface JobInput {
  readonly position: number;
  /** How far the source may be ahead of the task. */
  readonly mark: HighWaterMark;
}

/** The reader of the values of a stream: an input on the worker of another task. */
export interface JobOutput {
  readonly worker: JobWorker;
  /** Number of the input on that worker. */
  readonly input: number;
}

export interface JobStreams {
  readonly inputs: readonly JobInput[] | undefined;
  /** Undefined for a job without values, and if the values go to the main thread. */
  readonly output: JobOutput | undefined;
  /** A running task waits for the values of this job. */
  readonly isAwaited: boolean;
  /** The task asks the argument at a position for its first value. */
  inputOpened(position: number, input: number): void;
  /** The task has read `count` values that came from the main thread. */
  inputRead(input: number, count: number): void;
  /** The task reads no more values of an input. */
  inputLeft(input: number): void;
  /** The stream has sent its first value to another worker. */
  flows(): void;
}

/**
 * A function that a job calls. `key` is its number in messages, which is the same for every worker.
 */
export interface Step {
  readonly key: number;
  readonly kind: FunctionDefinition['kind'];
  readonly name: string;
  /** As in {@link FunctionDefinition}. Empty for an export. */
  readonly text: string;
}

/** Returns true if any worker may run the job: it is not a part of a broadcast. */
export function isUnpinned({ pin }: Job): boolean {
  return pin === undefined;
}

/**
 * Returns true if another worker may run the job instead. A part of a broadcast may not move, nor a
 * job whose key has started on its worker.
 */
export function isMovable({ pin, place }: Job): boolean {
  return pin === undefined && place?.lane.isStarted !== true;
}
