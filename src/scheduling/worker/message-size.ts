/**
 * Divides jobs into messages of a limited size. A hundred large strings in one message take twice
 * the time and memory. The serializer copies its buffer each time that it grows, and the worker
 * starts when it has all of them.
 */
import { isLarge } from '../../protocol/bytes.js';
import { sizeOf } from '../../protocol/stream/value-size.js';
import type { Job } from '../job/job.js';

/** Estimated size in bytes of the arguments of a message. A single job may exceed it. */
const MAX_MESSAGE_BYTES = 512 * 1024;

/** Returns the jobs as lists, each for one message. */
export function messagesOf(jobs: readonly Job[]): readonly (readonly Job[])[] {
  const lists: (readonly Job[])[] = [];
  let first = 0;
  let size = 0;
  for (let i = 0; i < jobs.length; i++) {
    const own = argumentsSize(jobs[i]!);
    size += own;
    if (size <= MAX_MESSAGE_BYTES || i === first) continue;
    lists.push(jobs.slice(first, i));
    first = i;
    size = own;
  }
  lists.push(first === 0 ? jobs : jobs.slice(first));
  return lists;
}

function argumentsSize({ args }: Job): number {
  let size = 0;
  // The arguments of a dependent job are on the worker.
  if (args === undefined) return size;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    // Large bytes are moved, so the serializer does not copy them.
    if (typeof arg !== 'number' && !isLarge(arg)) size += sizeOf(arg);
  }
  return size;
}
