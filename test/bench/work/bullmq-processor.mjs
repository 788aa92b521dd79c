// @ts-check
/** What a BullMQ worker runs for each job: the no-op on the job's own number, or on what the step before it in a flow gave. */
import { noop } from './tasks.mjs';

/** @param {import('bullmq').Job<number | undefined>} job */
export default async function run(job) {
  // A step of a flow: its number is the result of its child.
  const input = typeof job.data === 'number' ? job.data : Object.values(await job.getChildrenValues())[0];
  return noop(/** @type {number} */ (input));
}
