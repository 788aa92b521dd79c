/**
 * All messages between the main thread and a worker whose session is open, as plain data. Both
 * sides import this file. The request that opens a session is in the folder of its backend.
 *
 * A *job* is a list of steps that ends in one future. Each step is a function that receives the
 * value of the step before. A *job tree* is one or more jobs that a worker runs without asking the
 * main thread. The root job has arguments. Every other job receives the value of another job of the
 * tree, its upstream. Job trees are sent in batches, and so are their reports.
 *
 * The file is long because all messages of a session are in one place. Only those about stream
 * arguments are in stream/messages.ts.
 */

import type { LedgerPage } from './ledger.js';
import type { ProcessBytes } from './process-bytes.js';
import type { FromInput, ToInput } from './stream/messages.js';
import type { WireError } from './wire-error.js';

// ── main → worker ────────────────────────────────────────────────────────────────────────────────

export type ToWorker =
  | ({ readonly type: 'run' } & JobBatch)
  /**
   * `id` and `attempt` name the job. The slot may have been assigned to another job, and a retry
   * has the same id as the run before.
   */
  | {
      readonly type: 'abort';
      readonly slot: number;
      readonly id: number;
      readonly attempt: number;
      readonly reason: WireError;
    }
  /**
   * The reader of a stream has read `count` values, so the worker may emit as many more. `id` is
   * the id of the stream's future, because the slot may have been assigned to another job.
   */
  | { readonly type: 'credit'; readonly slot: number; readonly id: number; readonly count: number }
  /**
   * A value that many jobs share. It arrives before the first job that needs it, and a worker
   * receives it once. `unshare` frees it.
   */
  | { readonly type: 'share'; readonly id: number; readonly value: unknown }
  | { readonly type: 'unshare'; readonly id: number }
  /** Memory of the ledger for further jobs. It arrives before the first of them. */
  | ({ readonly type: 'ledger' } & LedgerPage)
  | ToInput
  | { readonly type: 'ping' }
  /** Asks for the size of the heap, for a dashboard. `measured` is the answer. */
  | { readonly type: 'measure' }
  /** Runs the finalizer. `finalized` is the answer. The worker receives no job after it. */
  | { readonly type: 'finalize' }
  | { readonly type: 'end' };

/**
 * Messages about tasks that were submitted before, perhaps by another process. A worker receives
 * them only if its backend has the trait `nextId`.
 */
export type ToQueue =
  /** Asks for all messages about the future with this id. They contain `slot`, as for a job. */
  | { readonly type: 'attach'; readonly slot: number; readonly id: number }
  /** Cancels the task of a future that has no slot here. */
  | { readonly type: 'cancel-remote'; readonly id: number; readonly reason: WireError };

/**
 * A function. It is sent to a worker once. From then on, only its `key` is sent. `name` is the name
 * of the task. `text` depends on the kind:
 *
 *   - `source`: the source of a self-contained function
 *   - `construct` and `dispose`: the name of an exported class. They start and end an actor.
 *   - `method`: the name of a method, which is called on the object of an actor
 */
export type FunctionDefinition =
  | { readonly key: number; readonly kind: 'export'; readonly name: string }
  | {
      readonly key: number;
      readonly kind: 'source' | 'construct' | 'method' | 'dispose';
      readonly name: string;
      readonly text: string;
    };

/**
 * A batch of job trees as flat arrays. Structured clone pays for every object and every key, which
 * is most of the cost of a tiny task.
 *
 * `cells` contains one job after another, in the layout of job-layout.ts. `args` contains the
 * arguments of all root jobs, one after another.
 */
export interface JobBatch {
  readonly cells: Cells;
  readonly args: readonly unknown[];
  /**
   * Contexts of the jobs, in the order of the jobs. Present only if one of the jobs has a context.
   */
  readonly contexts?: readonly unknown[];
  /** Functions that were not sent to this worker before. */
  readonly functions?: readonly FunctionDefinition[];
  /**
   * Options of each job, in the order of the jobs. Present only on a queue, whose servers apply
   * them.
   */
  readonly options?: readonly RunOptions[];
  /**
   * Stream arguments, as `slot, position, values, bytes` each. The two last numbers are the
   * high-water mark. The argument at the position is undefined.
   */
  readonly inputs?: readonly number[];
  /**
   * Streams that flow through a link, as `slot, link, input` each. `input` is the number of the
   * input on the worker of the reader.
   */
  readonly outputs?: readonly number[];
}

/** Options of a job that a server of a queue applies. */
export interface RunOptions {
  /** Name of the future. */
  readonly name: string;
  readonly priority: number;
  /** Time limit in ms. */
  readonly timeout: number | undefined;
  /**
   * Deadline in ms. `left` is the rest of it when the job was sent, or undefined if it counts from
   * the moment at which the input is there.
   */
  readonly deadline: { readonly ms: number; readonly left: number | undefined } | undefined;
  /** Time in ms that the task may still run after its cancel. */
  readonly terminateAfter: number | undefined;
  readonly retry: { readonly count: number; readonly delay: number } | undefined;
}

/** How far a stream may be ahead of its reader. */
export interface HighWaterMark {
  readonly values: number;
  /** Estimated size of the values, or Infinity. */
  readonly bytes: number;
}

/** Numbers of a message. */
export type Cells = readonly number[] | Int32Array | Float64Array;

// ── worker → main ────────────────────────────────────────────────────────────────────────────────

/** A prerequisite of a worker. If one fails, so does the start of the worker. */
export type Prerequisite = 'module' | 'finalizer' | 'initializer' | 'connection';

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'boot-failed'; readonly prerequisite: Prerequisite; readonly error: WireError }
  /**
   * `cells` contains `slot, kind` for each finished job, and `values` contains the payload of each.
   * Every sent slot is reported exactly once.
   *
   * `busy` is the time in ms, since the last report, in which at least one task ran. Together with
   * the number of reports, it gives the pace of the worker.
   */
  | { readonly type: 'reports'; readonly cells: Cells; readonly values: readonly unknown[]; readonly busy: number }
  | { readonly type: 'progress'; readonly slot: number; readonly value: unknown }
  /**
   * Values of a stream, in order, and never more than the credit. The end of the stream is an
   * ordinary report. `bytes` is the estimated size of the values.
   *
   * `creditLeft` is present if the stream has to wait because of the bytes that its reader has not
   * read. It is the credit in values that the stream knows. If the main thread has granted more,
   * the stream will continue.
   */
  | {
      readonly type: 'values';
      readonly slot: number;
      readonly values: readonly unknown[];
      readonly bytes: number;
      readonly creditLeft?: number | undefined;
    }
  | FromInput
  /**
   * The future of a stream is rejected now. The report of the job follows after the cleanup of its
   * source, and does not change the future.
   */
  | { readonly type: 'stream-failed'; readonly slot: number; readonly error: WireError }
  /**
   * An error escaped all promises, for example in a timer or an event listener. `id` and `name`
   * belong to the task that left the code. If the task is unknown, `id` is 0 and `name` is the
   * worker's.
   */
  | {
      readonly type: 'faulted';
      readonly error: WireError;
      /** The task was still running, and was rejected with the error. */
      readonly isRejected: boolean;
      readonly id: number;
      readonly name: string;
    }
  /**
   * The cleanup of a stream failed after its reader had left, so no future carries the error. `id`
   * and `name` belong to the stream.
   */
  | { readonly type: 'cleanup-failed'; readonly error: WireError; readonly id: number; readonly name: string }
  | { readonly type: 'pong' }
  /** Bytes of heap in use. 0 if the worker can't measure its heap. */
  | { readonly type: 'measured'; readonly heap: number }
  /** The heap of the worker has reached its limit. The reports of its last tasks follow. */
  | { readonly type: 'heap-full' }
  /** The finalizer has ended. `error` is set if it failed. */
  | { readonly type: 'finalized'; readonly error: WireError | undefined }
  /** Confirms `cancel-remote`: the queue has the cancel, or refuses it. */
  | { readonly type: 'remote-cancelled'; readonly id: number };

// Kinds of reports.
export const REPORT_FULFILLED = 0;
/** The payload is a {@link WireError}. */
export const REPORT_REJECTED = 1;
/** The job was revoked, or its upstream failed, so it never ran. There is no payload. */
export const REPORT_SKIPPED = 2;
/** The job was fulfilled. The payload is the data of a LazyValue: bytes or JSON. */
export const REPORT_FULFILLED_ENCODED = 3;
/**
 * The job succeeded and its dependents continue, but its own value can't be cloned. The payload is
 * a {@link WireError}.
 */
export const REPORT_UNCLONABLE = 4;
/**
 * The job was cancelled by another client of the queue. The payload is a {@link WireError}: the
 * reason.
 */
export const REPORT_CANCELLED = 5;

// ── through the channel of a child process ───────────────────────────────────────────────────────

/**
 * A message in either direction. `rxFutures` marks the session, because the channel also carries
 * messages of other code.
 */
export interface Envelope extends ProcessBytes {
  readonly rxFutures: string;
}

// ── how a session opens ──────────────────────────────────────────────────────────────────────────

/** Configuration that a worker receives when it starts. */
export interface SessionConfig {
  readonly workerName: string;
  /** URL of the task module, if there is one. */
  readonly module: string | undefined;
  readonly initializer: string | undefined;
  readonly initArgs: readonly unknown[];
  /** Name of the export that the worker runs when it receives `finalize`. */
  readonly finalizer?: string | undefined;
  /** Bytes of heap from which on the worker posts `heap-full`. */
  readonly maxMemory?: number | undefined;
  /** Maximum number of asynchronous tasks that run interleaved. */
  readonly concurrency: number;
}
