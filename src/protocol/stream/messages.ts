/**
 * Messages about streams that are arguments of tasks. An *input* is such an argument, as the task
 * reads it.
 *
 * The values of another task flow through a *link*: a channel from the worker of the source to the
 * worker of the reader. They do not pass through the main thread. The values of every other source
 * come from the main thread.
 *
 * A link has a direction. Its port at the source sends values and receives credit. Its port at the
 * reader does the opposite. A worker that reads its own streams has both ports of a link.
 */
import type { WireError } from '../wire-error.js';

/** From the main thread to the worker of a task. The worker numbers its inputs. */
export type ToInput =
  /** Opens one end of a link, at the source or at the reader. */
  | { readonly type: 'link'; readonly link: number; readonly isSource: boolean; readonly port: unknown }
  /** Values of a stream that does not flow through a link, and their estimated size. */
  | {
      readonly type: 'input-values';
      readonly input: number;
      readonly values: readonly unknown[];
      readonly bytes: number;
    }
  /** `failure` is set if the source has failed. Values that came before are read first. */
  | { readonly type: 'input-ended'; readonly input: number; readonly failure?: WireError | undefined };

/** From the worker of a task to the main thread. */
export type FromInput =
  /**
   * A task has asked a stream argument for the first time. It waits until values arrive. `input` is
   * the number that the worker has given to the argument.
   */
  | { readonly type: 'input-opened'; readonly slot: number; readonly position: number; readonly input: number }
  /** A task has read `count` values that did not come through a link. */
  | { readonly type: 'input-read'; readonly slot: number; readonly input: number; readonly count: number }
  /** A task will read no more values of a stream argument. */
  | { readonly type: 'input-left'; readonly slot: number; readonly input: number }
  /**
   * The task waits for a stream, so its concurrency slot is free. A stream whose values go to the
   * main thread sends no such message, because the main thread counts its credit.
   */
  | { readonly type: 'waits'; readonly slot: number; readonly isWaiting: boolean }
  /** A stream is about to send its first value through a link. */
  | { readonly type: 'flows'; readonly slot: number };

// ── through a link ───────────────────────────────────────────────────────────────────────────────

/** From the source to the reader. `input` is the number of the input on the reader's worker. */
export type FromSource =
  /** `output` is the number of the stream on the worker of the source. */
  | {
      readonly type: 'values';
      readonly input: number;
      readonly output: number;
      readonly values: readonly unknown[];
      readonly bytes: number;
    }
  /** The source has ended without an error. The main thread passes an error on. */
  | { readonly type: 'end'; readonly input: number };

/** From the reader to the source: the reader has read `count` values. */
export type FromReader = { readonly type: 'credit'; readonly output: number; readonly count: number };

export type LinkMessage = FromSource | FromReader;
