/** The error and the log lines that a queue stores at a job for dashboards. */
import { cancelHeadline, failureHeadline } from '../protocol/queue/headlines.js';
import type { ServedNode } from './served-node.js';
import type { Failed } from './served-outcome.js';

type EndedNode = Pick<ServedNode, 'data' | 'ran'>;

/**
 * Returns the error of a job in which some tasks have failed. A rejection precedes the cancels,
 * because a cancel was wanted.
 */
export function jobFailure(failures: readonly Failed[], tasks: number): Error {
  const first = failures.find(({ isCancelled }) => !isCancelled) ?? failures[0]!;
  const headline = first.isCancelled ? cancelHeadline(first.failure) : failureHeadline(first.failure);
  const count = `${failures.length} of ${tasks} tasks failed. The first error is: `;
  const error = new Error(tasks === 1 ? headline : count + headline);
  // The stack of the task. The stack of this function has nothing to do with the job.
  error.stack = (first.failure instanceof Error ? first.failure.stack : undefined) ?? '';
  return error;
}

/** Returns the line of a job's log for a task that has ended. */
export function endLine({ data: { name }, ran }: EndedNode, failed: Failed | undefined, isSkipped = false): string {
  if (isSkipped) return `${name} did not run, because the task before it failed`;
  const time = ran === undefined ? '' : ` after ${Math.round(ran.ended - ran.started)} ms`;
  if (failed === undefined) return `${name} ended${time}`;
  const { failure, isCancelled } = failed;
  return isCancelled
    ? `${name} was cancelled${time}: ${cancelHeadline(failure)}`
    : `${name} failed${time}: ${failureHeadline(failure)}`;
}
