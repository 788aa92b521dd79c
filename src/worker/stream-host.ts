/**
 * The interface through which the streams of a worker post messages and release concurrency slots.
 */
import type { CreditCells } from '../protocol/ledger.js';
import type { SendValues } from '../protocol/stream/outgoing-stream.js';
import { encodeError } from '../protocol/wire-error.js';
import type { Post } from './host.js';
import type { Links } from './links.js';
import type { TaskContext } from './task-context.js';

export interface StreamHost {
  readonly post: Post;
  readonly links: Pick<Links, 'start'>;
  readonly ledger: CreditCells;
  /**
   * Called when the stream in a slot has paused. Its concurrency slot is then free. `isSeen` is
   * true if the main thread knows that by itself.
   */
  paused(slot: number, isSeen: boolean): void;
  /** Called when a paused stream has resumed or ended. */
  resumed(slot: number, isSeen: boolean): void;
}

/** Rejects the future of a stream. The job of the stream continues until the cleanup has ended. */
export function failStream(post: Post, task: TaskContext, error: unknown): void {
  post({ type: 'stream-failed', slot: task.slot, error: encodeError(error) });
  // The future is rejected now, so a later error must not reject it again.
  task.fault = undefined;
  task.abort(error);
}

/** Returns a function that sends the values of a stream to the main thread. */
export function toMain(slot: number, post: Post): SendValues {
  return (values, bytes, creditLeft, transfer) => {
    if (creditLeft === undefined) post({ type: 'values', slot, values, bytes }, transfer);
    else post({ type: 'values', slot, values, bytes, creditLeft }, transfer);
  };
}
