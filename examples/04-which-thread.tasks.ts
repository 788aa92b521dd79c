/** Tasks that tell which thread they run on. */
import { threadId } from 'node:worker_threads';

export function where(): number {
  return threadId;
}

/** The next step: is it on the thread that the step before it ran on? */
export function isSameThread(before: number): boolean {
  return before === threadId;
}
