// @ts-check
/**
 * The processor of a BullMQ worker. It runs the no-op with the number of the job, or with the
 * result of the step before it in a flow.
 */
import { noop } from './tasks.mjs';

/** @param {import('bullmq').Job<number | undefined>} job */
export default async function run(job) {
  // The number of a step in a flow is the result of its child.
  const input = typeof job.data === 'number' ? job.data : Object.values(await job.getChildrenValues())[0];
  return noop(/** @type {number} */ (input));
}
