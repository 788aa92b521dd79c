/**
 * Fields that few runs need. They are separate from TaskRun, which exists once for every pending
 * future. A field there costs eight bytes a million times. This object costs nothing until it is
 * created.
 */

import type { Context } from '#platform/context';
import type { UserTimer } from '#platform/timers';
import type { Future } from '../../future/future.js';
import type { Bytes } from '../../protocol/bytes.js';
import type { JobWorker } from '../../scheduling/job/job.js';
import type { RunStreams } from '../inputs/run-streams.js';
import type { Deadline } from './deadline.js';
import type { ProgressSubject } from './progress-subject.js';
import type { TaskRun } from './task-run.js';

/** The receiver of a stream's values. */
export interface ValueSink {
  /** True once a value was emitted. A retry would then emit values again. */
  readonly hasEmitted: boolean;
  /** Receives the values of one message, as {@link Job.streamed} does. */
  streamed(values: readonly unknown[], bytes: number, creditLeft: number | undefined): void;
}

/** Receives what happens to a run before its future settles. A tap costs less than a subscriber. */
export interface RunTap {
  /** The run has ended on its worker. Both times are in ms since the epoch. */
  ran(startedAt: number, endedAt: number): void;
  progressed(value: unknown): void;
  /** The run has failed and starts again, now or after a delay. */
  retrying(failure: unknown): void;
}

/** The futures among the arguments of a run, while the run waits for them. */
export interface AwaitedArguments {
  readonly pending: readonly Future<any>[];
  stop(reason: unknown): void;
}

/** Reason of the cancel of a part of a broadcast whose worker will not run it. */
export const LEFT_OUT = 'The worker ended before this part of a broadcast started.';

export class RareFields {
  attempt = 1;
  /** The parts of the arguments that are moved, not copied. */
  transfer: readonly unknown[] | undefined = undefined;
  /** The large bytes among the arguments. They were copied for this run alone. */
  large: Bytes[] | undefined = undefined;
  /** The worker on which the run has to run, for a part of a broadcast. */
  pin: JobWorker | undefined = undefined;
  /** The failure before the current attempt, if the run has a `pin`. */
  lastFailure: unknown = undefined;
  /** The run at the root of the job tree that contains this run. */
  root: TaskRun | undefined = undefined;
  /** The runs of the job tree that receive the value of this run. */
  dependents: TaskRun[] | undefined = undefined;
  /** Number of runs in the job tree. It is counted only on the run at the root. */
  treeSize = 1;
  /**
   * True if the result could not be sent to the main thread. Dependent steps received the result on
   * the worker, and continue.
   */
  resultUnsendable = false;
  progress: ProgressSubject | undefined = undefined;
  /** The streams that the task reads, and the task that reads the values of this run. */
  streams: RunStreams | undefined = undefined;
  /** The receiver of the values, if the run is a stream. */
  valueSink: ValueSink | undefined = undefined;
  /** Receives what happens to the run, if a server runs it for a client. */
  tap: RunTap | undefined = undefined;
  /** The arguments that are futures, while the run waits for them. */
  awaited: AwaitedArguments | undefined = undefined;
  /** The async context of the submit, if the retry options contain functions. */
  asyncContext: Context | undefined = undefined;
  /** The value for `currentTask().context`. */
  context: unknown = undefined;
  /** The timer of the timeout while the run is on a worker, or of the delay before a retry. */
  timer: UserTimer | undefined = undefined;
  /** The deadlines that limit the run: its own, and those of its pipeline. */
  deadlines: readonly Deadline[] | undefined = undefined;
  /** The stack of the submit. */
  stack: string | undefined = undefined;
}
