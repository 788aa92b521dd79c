/** The part of a worker that its streams use. */
import { encodeError } from '../protocol/wire-error.js';
import type { Post } from './host.js';
import type { TaskContext } from './task-context.js';

export interface StreamHost {
  readonly post: Post;
  /** A stream paused, so its concurrency slot is free. */
  paused(): void;
  /** A paused stream resumed or ended. */
  resumed(): void;
}

/** Rejects the future of a stream, whose job goes on until its cleanup has ended. */
export function failStream(post: Post, task: TaskContext, error: unknown): void {
  post({ type: 'stream-failed', slot: task.slot, error: encodeError(error) });
  // Another error can't reject the future a second time.
  task.fault = undefined;
  task.abort(error);
}
