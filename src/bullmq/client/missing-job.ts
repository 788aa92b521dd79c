/** Explains why a job is finished or missing although its futures have no outcome. */
import { WorkerDiedError } from '../../errors.js';
import type { JobState } from '../../protocol/queue/transport.js';

/** `wasMissingAtOnce` is true if the job was missing when Redis was reachable again. */
export function explainMissing(
  { job, state, failure }: JobState,
  queue: string,
  wasMissingAtOnce: boolean,
): WorkerDiedError {
  if (wasMissingAtOnce) {
    return died(
      `Redis restarted and lost job "${job}" of the queue "${queue}". Its task may or may not have run. Enable persistence in Redis ("appendonly yes").`,
    );
  }
  if (state === 'missing') {
    const why = `Job "${job}" is missing from the queue "${queue}": it was removed by hand, or Redis deleted it to free memory.`;
    return died(
      `${why} Its task may or may not have run. Set maxmemory-policy of Redis to noeviction, and do not remove jobs by hand.`,
    );
  }
  const what = failure === undefined ? 'finished' : `failed (${failure})`;
  const why = `Job "${job}" ${what} but did not report the result of this task`;
  return died(`${why}. Check that only serveTasks() processes the queue "${queue}".`);
}

function died(message: string): WorkerDiedError {
  return new WorkerDiedError(message, { workerName: 'unknown' });
}
