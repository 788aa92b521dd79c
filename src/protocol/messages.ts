/**
 * Everything that crosses the wall, as plain data. Both sides import this file; it has no logic.
 *
 * A *plan* is what a worker runs without asking back: one or more *legs*. A leg is a list of steps (functions, each fed
 * with the value of the one before) that ends in one future. The first leg of a plan, its root, has arguments; a later
 * one is fed by the leg that it hangs on. Plans travel in batches, and so do their reports.
 */
import type { WireError } from './wire-error.js';

// ── main → worker ───────────────────────────────────────────────────────────────────────────────────────────────────

export type ToWorker =
  | { readonly type: 'run'; readonly functions: readonly FunctionDefinition[]; readonly plans: PlanCells }
  | { readonly type: 'abort'; readonly slot: number; readonly reason: WireError }
  | { readonly type: 'ping' }
  | { readonly type: 'end' };

/** A function, told to a worker once; from then on its `key` stands for it. */
export type FunctionDefinition =
  | { readonly key: number; readonly kind: 'export'; readonly name: string }
  | { readonly key: number; readonly kind: 'source'; readonly name: string; readonly text: string };

/**
 * A batch of plans, flattened, since structured clone pays for every object and every key (about half the cost of a tiny
 * task). One leg after another, each as
 *
 *     slot, from, id, attempt, steps, argc, arg₀, …
 *
 * `from` is -1 for a root, else the index of the leg in its plan that feeds it; `steps` is a function key, or an array of
 * them. A plan ends where the next root begins.
 */
export type PlanCells = readonly unknown[];

/** Cells of a leg before its arguments. */
export const LEG_CELLS = 6;

// ── worker → main ───────────────────────────────────────────────────────────────────────────────────────────────────

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'boot-failed'; readonly stage: 'module' | 'initializer'; readonly error: WireError }
  /** `busy`: ms in which at least one task ran, since the last report; with the count it gives the worker's pace. */
  | { readonly type: 'reports'; readonly reports: ReportCells; readonly busy: number }
  | { readonly type: 'progress'; readonly slot: number; readonly value: unknown }
  /** Something threw where no promise carried it home: in a timer, an event listener. `id` and `name` are of the task that left it. */
  | { readonly type: 'faulted'; readonly error: WireError; readonly id: number; readonly name: string }
  | { readonly type: 'pong' };

/** Reports, flattened like plans: `slot, kind, payload` each. Every slot that was sent is reported exactly once. */
export type ReportCells = readonly unknown[];

export const REPORT_CELLS = 3;

export const FULFILLED = 0;
/** The payload is a {@link WireError}. */
export const REJECTED = 1;
/** It was revoked, or what feeds it failed: it never ran. No payload. */
export const SKIPPED = 2;
/** Fulfilled; the payload is the serialized value, to be decoded by whoever looks at it. */
export const FULFILLED_BYTES = 3;
/** It ran well and the legs that it feeds go on, but its own value can't be cloned. The payload is a {@link WireError}. */
export const UNCLONABLE = 4;

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
