/** Ids of jobs. A job is named after its first future, so that clients can find the job by it. */
import type { NodeData, TreeData } from './job-data.js';

/** Start of the id of each job of this library. */
export const JOB_PREFIX = 'future-';

/**
 * Returns the id of a job. The id is not a number, because BullMQ accepts no number as an id. A
 * further attempt of a task has an id of its own, because a queue never adds an id twice.
 */
export function jobIdOf(root: number, attempt = 1): string {
  return attempt === 1 ? `${JOB_PREFIX}${root}` : `${JOB_PREFIX}${root}-${attempt}`;
}

/** Returns the id of the job that contains these trees. */
export function jobOf([first]: readonly TreeData[]): string {
  const [{ id, attempt }] = first!.nodes as readonly [NodeData];
  return jobIdOf(id, attempt);
}

/** Returns true for the id of a job of this library. */
export function isJobId(text: string): boolean {
  return text.startsWith(JOB_PREFIX);
}
