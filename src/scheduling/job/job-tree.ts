/** A job tree: a root job and its dependents, which are sent together and run on one worker. */
import type { Job } from './job.js';
import { GONE } from './job-state.js';

/**
 * Maximum number of jobs in one job tree. A longer chain continues in a second tree, whose argument
 * is the value of the first one.
 */
export const MAX_TREE_SIZE = 256;

/** Number of jobs in the tree of a job. */
export function treeSize(job: Job): number {
  if (job.dependents === undefined) return 1;
  let size = 1;
  for (const dependent of job.dependents) if (dependent.state !== GONE) size += treeSize(dependent);
  return size;
}

/** True if a job of the tree may fail and run again. */
export function mayRunAgain(job: Job): boolean {
  return (
    job.mayRunAgain || job.dependents?.some((dependent) => dependent.state !== GONE && mayRunAgain(dependent)) === true
  );
}

/** True if a worker may receive the job while another job of its lane is on that worker. */
export function isHoldable(job: Job): boolean {
  // Posting moves transferred arguments away, so such a job could not be revoked.
  return job.transfer === undefined && treeSize(job) === 1;
}
