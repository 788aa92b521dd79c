/** What the scheduler sees of a task: data to send, and a few calls by which it learns how it went. */

/** A function, as a job names it. `key` is its short name on the wire, the same in every session. */
export interface Step {
  readonly key: number;
  readonly kind: 'export' | 'source';
  readonly name: string;
  /** Of a self-contained function. */
  readonly text: string;
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
  readonly legs: readonly Job[] | undefined;
  /** It wants to hear that it was sent. */
  readonly isTimed: boolean;

  /** Written by the scheduler alone. */
  phase: number;
  worker: JobWorker | undefined;
  slot: number;

  sent(): void;
  fulfilled(value: unknown): void;
  rejected(error: unknown): void;
  /** It ran, the legs that it feeds go on, but its value can't come home. */
  unclonable(error: unknown): void;
  /** It never began, and its worker is gone or needed elsewhere; it was the root of what travelled, or its feeder is home. */
  comeBack(): void;
  progressed(value: unknown): void;
}

/** The worker that a job is with, as far as the job may know it. */
export interface JobWorker {
  readonly name: string;
  readonly threadId: number | undefined;
  hasBegun(slot: number): boolean;
  /** ms since the epoch. */
  begunAt(slot: number): number;
  /** What may be remembered of it when the job is over, without keeping the worker itself. */
  readonly identity: JobWorker;
}
