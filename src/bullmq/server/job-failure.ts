/** The errors of jobs, in the form that BullMQ stores and dashboards show. */
import { MAX_HEADLINE } from '../../protocol/queue/headlines.js';
import type { BullMQ } from '../redis/packages.js';

/** Maximum length of a stack at a job, in characters. */
const MAX_STACK = 8_000;

/**
 * Returns the error with which a BullMQ worker ends a job.
 *
 * It is always an UnrecoverableError. A task may reject with any error, and in BullMQ an error
 * named "DelayedError" or "WaitingError" leaves its job unfinished. BullMQ must not run the job
 * again either, because retries belong to the servers of this library.
 */
export function failureOf(error: unknown, { UnrecoverableError }: Pick<BullMQ, 'UnrecoverableError'>): Error {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const failure = new UnrecoverableError(message.slice(0, MAX_HEADLINE));
  // Without a stack, BullMQ stores none.
  failure.stack = stack?.slice(0, MAX_STACK) ?? '';
  return failure;
}
