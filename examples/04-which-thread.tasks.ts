/** The tasks of example 04: they return the thread on which they run. */
import { threadId } from 'node:worker_threads';

export function currentThread(): number {
  return threadId;
}

/** Returns whether this step runs on the same thread as the step before it. */
export function isSameThread(before: number): boolean {
  return before === threadId;
}
