/** What the scheduler sees of a task: data to send, and a few calls by which it learns how it went. */

import type { RunOptions } from '../protocol/messages.js';

/** A function, as a job names it. `key` is its short name on the wire, the same in every session. */
export interface Step {
  readonly key: number;
  readonly kind: 'export' | 'source' | 'stream' | 'attach';
  readonly name: string;
  /** Of a self-contained function. */
  readonly text: string;
}

/** The last step of a stream: no function, but the order to give each value of what the step before it has made. */
export function streamStep(credit: number): Step {
  return { key: -credit, kind: 'stream', name: 'stream', text: '' };
}

/** The only step of a run that joins one which was submitted before, perhaps by another process. */
export const ATTACH: Step = { key: 0, kind: 'attach', name: 'attach', text: '' };

/** Values that a job may give before its reader has taken any; 0 for a job that gives one result. */
export function creditOf({ steps }: Job): number {
  return Math.max(0, -steps[steps.length - 1]!.key);
}

/** Where a job is. It may go back from `sent` to `queued`, never from `gone`. */
export const WAITING = 0;
export const QUEUED = 1;
export const SENT = 2;
export const GONE = 3;

export interface Job {
  readonly id: number;
  readonly attempt: number;
  readonly priority: number;
  readonly steps: readonly Step[];
  /** What the first step is called with; undefined for a job that another one of its plan feeds. */
  readonly args: readonly unknown[] | undefined;
  /** Parts of `args` that move. Such a job can't be sent twice. */
  readonly transfer: readonly unknown[] | undefined;
  /** The jobs that travel along, fed by this one's value. */
  readonly dependents: readonly Job[] | undefined;
  /** What feeds it is not home. */
  readonly awaitsUpstream: boolean;
  /** It wants to hear that it was sent. */
  readonly isTimed: boolean;
  /** For the other end, where that is a queue's. */
  readonly options: RunOptions;

  /** Written by the scheduler alone. */
  phase: number;
  worker: JobWorker | undefined;
  slot: number;

  sent(): void;
  /** It has ended on the worker; both in ms since the epoch. What came of it follows. */
  ran(startedAt: number, endedAt: number): void;
  fulfilled(value: unknown): void;
  rejected(error: unknown): void;
  /** Somebody else has cancelled it, at the other end of a queue. */
  cancelled(reason: unknown): void;
  /** It ran, the legs that it feeds go on, but its value can't come home. */
  unclonable(error: unknown): void;
  /** It never began, and its worker is gone or needed elsewhere; it was the root of what travelled, or its feeder is home. */
  requeue(): void;
  progressed(value: unknown): void;
  /** Values of a stream, in order. */
  streamed(values: readonly unknown[]): void;
}

/** The worker that a job is with, as far as the job may know it. */
export interface JobWorker {
  readonly name: string;
  readonly threadId: number | undefined;
  hasClaimed(job: Job): boolean;
  /** ms since the epoch. */
  startedAt(slot: number): number;
  /** What feeds the job is home, so that it begins now. */
  upstreamSettled(job: Job): void;
  /** The reader of a stream has taken so many values. */
  grant(job: Job, count: number): void;
  /** What may be remembered of it when the job is over, without keeping the worker itself. */
  readonly identity: JobWorker;
}

/** Legs in the plan of a job. */
export function treeSize(job: Job): number {
  if (job.dependents === undefined) return 1;
  let size = 1;
  for (const dependent of job.dependents) if (dependent.phase !== GONE) size += treeSize(dependent);
  return size;
}
