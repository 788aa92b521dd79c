/**
 * Timeouts run from the moment at which the worker began, which is in the ledger: so time in the queue doesn't count, and a worker that is
 * stuck in a loop need not say anything.
 */
import { TimeoutError } from '../errors.js';
import { SENT } from '../scheduling/job.js';
import { after, clearTimeout, now } from '../time.js';
import type { TaskRun } from './task-run.js';

/** Looks at the run when its time may be over, and again for as long as it isn't. */
export function watchTimeout(run: TaskRun): void {
  const { timeout } = run.task.options;
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return;
  const { extras } = run;
  clearTimeout(extras.timer);
  extras.timer = after(timeout, look);

  function look(): void {
    const { worker, slot, phase } = run;
    if (phase !== SENT || worker === undefined || timeout === undefined) return;
    const ran = worker.hasBegun(run) ? now() - worker.begunAt(slot) : 0;
    if (ran < timeout) {
      extras.timer = after(Math.max(1, timeout - ran), look);
      return;
    }
    const error = new TimeoutError(
      `${run.name} (#${run.id}) ran for more than ${timeout} ms, its timeout. It was told to stop; raise the timeout, or find out what is slow.`,
    );
    // 1. The worker is told to stop, and loses its thread if it doesn't, 2. the run fails, or is tried again elsewhere.
    run.owner.cancelJob(run, error);
    run.rejected(error);
  }
}
