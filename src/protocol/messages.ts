/**
 * Everything that crosses the wall, as plain data. Both sides import this file.
 *
 * A *plan* is what a worker runs without asking back: one or more *legs*. A leg is a list of steps (functions, each fed with the value of the
 * one before) that ends in one future. The first leg of a plan, its root, has arguments; a later one is fed by the leg that it hangs on.
 * Plans travel in batches, and so do their reports.
 */

import type { ProcessBytes } from './process-bytes.js';
import type { WireError } from './wire-error.js';

// ── main → worker ───────────────────────────────────────────────────────────────────────────────────────────────────

export type ToWorker =
  | ({ readonly type: 'run' } & JobBatch)
  /** `id` and `attempt` name the leg: its slot may have been filled anew, and a retry has the id of the run before it. */
  | {
      readonly type: 'abort';
      readonly slot: number;
      readonly id: number;
      readonly attempt: number;
      readonly reason: WireError;
    }
  /** The reader of a stream has taken so many values: as many more may be given. `id` is of its future; a slot may have been filled anew. */
  | { readonly type: 'credit'; readonly slot: number; readonly id: number; readonly count: number }
  | { readonly type: 'ping' }
  | { readonly type: 'end' };

/** A function, told to a worker once; from then on its `key` stands for it. */
export type FunctionDefinition =
  | { readonly key: number; readonly kind: 'export'; readonly name: string }
  | { readonly key: number; readonly kind: 'source'; readonly name: string; readonly text: string };

/**
 * A batch of plans, flattened: structured clone pays for every object and every key, which is most of what a tiny task costs.
 * `cells` has one leg after another, each as
 *
 *     slot, from, id, attempt, argc, steps, key₀, …
 *
 * `from` is -1 for a root, else the index of the leg in its plan that feeds it; `steps` is the number of function keys that follow. A plan
 * ends where the next root begins. `args` has the arguments of all roots, one after another.
 *
 * A last key that is negative stands for no function: what the step before has given is streamed, and the number is the credit to begin with.
 */
export interface JobBatch {
  readonly cells: Cells;
  readonly args: readonly unknown[];
  /** Those that this worker has not been told before. */
  readonly functions?: readonly FunctionDefinition[];
  /** Of each leg, in their order; only for a queue, whose workers see to them. */
  readonly options?: readonly RunOptions[];
}

/** What the other end of a queue does for a run. */
export interface RunOptions {
  /** Of the future. */
  readonly name: string;
  readonly priority: number;
  /** ms */
  readonly timeout: number | undefined;
  readonly retry: { readonly count: number; readonly delay: number } | undefined;
}

/** Cells of a leg before its function keys. */
export const JOB_CELLS = 6;

/** Where the leg after the one at `at` begins. */
export function nextJob(cells: Cells, at: number): number {
  return at + JOB_CELLS + cells[at + 5]!;
}

/** Numbers on the wire. */
export type Cells = readonly number[] | Float64Array;

/** Numbers from which on a typed array is cheaper to clone than a plain one: below it, its own header costs more. */
const MANY = 96;

/** Makes many numbers cheap to clone: 0.14 instead of 0.31 us a task, both ways, in batches of 2,048. */
export function pack(cells: readonly number[]): Cells {
  return cells.length < MANY ? cells : new Float64Array(cells);
}

// ── worker → main ───────────────────────────────────────────────────────────────────────────────────────────────────

/** What of a start went wrong. */
export type BootStage = 'module' | 'initializer' | 'connection';

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'boot-failed'; readonly stage: BootStage; readonly error: WireError }
  /**
   * `cells` has `slot, kind` for each leg that has ended, `values` the payload of each. Every slot that was sent is reported exactly once.
   * `busy`: ms in which at least one task ran, since the last report; with the count it gives the worker's pace.
   */
  | { readonly type: 'reports'; readonly cells: Cells; readonly values: readonly unknown[]; readonly busy: number }
  | { readonly type: 'progress'; readonly slot: number; readonly value: unknown }
  /** Values of a stream, in order; never more than there is credit for. Its end is a report, as that of any leg. */
  | { readonly type: 'items'; readonly slot: number; readonly values: readonly unknown[] }
  /** Something threw where no promise carried it home: in a timer, an event listener. `id` and `name` are of the task that left it. */
  | { readonly type: 'faulted'; readonly error: WireError; readonly id: number; readonly name: string }
  /** A stream's cleanup failed when its reader had left: no future carries that error. `id` and `name` are of the stream's. */
  | { readonly type: 'cleanup-failed'; readonly error: WireError; readonly id: number; readonly name: string }
  | { readonly type: 'pong' };

// The kinds of report.
export const FULFILLED = 0;
/** The payload is a {@link WireError}. */
export const REJECTED = 1;
/** It was revoked, or what feeds it failed: it never ran. No payload. */
export const SKIPPED = 2;
/** Fulfilled; the payload is the serialized value, to be decoded by whoever looks at it. */
export const FULFILLED_BYTES = 3;
/** It ran well and the legs that it feeds go on, but its own value can't be cloned. The payload is a {@link WireError}. */
export const UNCLONABLE = 4;
/** It was cancelled at the other end, not from here. The payload is the reason, as a {@link WireError}. */
export const CANCELLED = 5;

// ── through the channel of a process ────────────────────────────────────────────────────────────────────────────────

/** A message either way. `rxFutures` is the mark of the session: the channel also carries what others post. */
export interface Envelope extends ProcessBytes {
  readonly rxFutures: string;
}

// ── how a session opens ─────────────────────────────────────────────────────────────────────────────────────────────

/** What a worker is told when it starts. */
export interface SessionConfig {
  readonly workerName: string;
  /** The URL of the task module, if there is one. */
  readonly module: string | undefined;
  readonly initializer: string | undefined;
  readonly initArgs: readonly unknown[];
  /** Async tasks that are interleaved. */
  readonly concurrency: number;
}
