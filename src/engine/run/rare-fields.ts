/**
 * What few runs need. Kept apart from TaskRun, which exists once for every pending future: a field there costs eight bytes a
 * million times, this object costs nothing until it is made.
 */

import type { Future } from '../../future/future.js';
import type { Context } from '../../platform/context.js';
import type { UserTimer } from '../../platform/timers.js';
import type { ProgressSubject } from './progress-subject.js';
import type { TaskRun } from './task-run.js';

/** Where the values of a stream go. */
export interface ValueSink {
  /** A run that fails now can't be repeated unseen. */
  readonly hasEmitted: boolean;
  streamed(values: readonly unknown[]): void;
}

/** Arguments that a run waits for. */
export interface AwaitedArguments {
  readonly pending: readonly Future<any>[];
  stop(reason: unknown): void;
}

export class RareFields {
  attempt = 1;
  /** Parts of the arguments that move. */
  transfer: readonly unknown[] | undefined = undefined;
  /** The run at the head of those that travel together, and how many they are. */
  root: TaskRun | undefined = undefined;
  treeSize = 1;
  /** Its value could not come home, but the legs that it feeds have it. */
  resultUnsendable = false;
  progress: ProgressSubject | undefined = undefined;
  /** Told of progress too, without the cost of somebody who subscribes. */
  relay: ((value: unknown) => void) | undefined = undefined;
  /** Where its values go, where it is a stream. */
  feed: ValueSink | undefined = undefined;
  /** Told when it has ended on its worker, both in ms since the epoch. */
  ran: ((startedAt: number, endedAt: number) => void) | undefined = undefined;
  /** Told when it takes one of its retries. */
  retrying: (() => void) | undefined = undefined;
  /** Arguments that are futures, while it waits for them. */
  awaited: AwaitedArguments | undefined = undefined;
  /** Of the code that submitted it, if its retries call functions. */
  context: Context | undefined = undefined;
  /** Of the timeout while it is with a worker, of the delay before a retry. */
  timer: UserTimer | undefined = undefined;
  /** Where it was submitted. */
  stack: string | undefined = undefined;
}
