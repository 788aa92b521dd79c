/**
 * The interface through which the streams of a worker post messages and release concurrency slots.
 */
import { encodeError } from '../protocol/wire-error.js';
import type { Post } from './host.js';
import type { TaskContext } from './task-context.js';

export interface StreamHost {
  readonly post: Post;
  /** Called when a stream has paused. Its concurrency slot is then free. */
  paused(): void;
  /** Called when a paused stream has resumed or ended. */
  resumed(): void;
}

/** Rejects the future of a stream. The job of the stream continues until the cleanup has ended. */
export function failStream(post: Post, task: TaskContext, error: unknown): void {
  post({ type: 'stream-failed', slot: task.slot, error: encodeError(error) });
  // The future is rejected now, so a later error must not reject it again.
  task.fault = undefined;
  task.abort(error);
}
