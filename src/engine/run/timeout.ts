/**
 * Timeouts run from the moment at which the worker began, which is in the ledger: so time in the queue doesn't count, and a worker that is
 * stuck in a loop need not say anything.
 */
import { TimeoutError } from '../../errors.js';
import { now } from '../../platform/time.js';
import { UserTimer } from '../../platform/timers.js';
import { SENT } from '../../scheduling/job.js';
import type { TaskRun } from './task-run.js';

/** Looks at the run when its time may be over, and again for as long as it isn't. */
export function watchTimeout(run: TaskRun): void {
  const { timeout } = run.task.options;
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return;
  const { rare } = run;
  lookAfter(timeout);

  function lookAfter(ms: number): void {
    rare.timer?.stop();
    rare.timer = new UserTimer(ms, look);
  }

  function look(): void {
    const { worker, slot, phase } = run;
    if (phase !== SENT || worker === undefined || timeout === undefined) return;
    const hasClaimed = worker.hasClaimed(run);
    // A faked clock says nothing about how long the worker really ran: a task that has begun has used up its time on that clock.
    const ran = !hasClaimed ? 0 : rare.timer?.isFaked ? timeout : now() - worker.startedAt(slot);
    if (ran < timeout) {
      lookAfter(Math.max(1, timeout - ran));
      return;
    }
    // 1. What follows it is taken back, before the worker comes to it. If a step of that has begun, the value of this run is there, and its
    //    report is on the way. 2. The worker is told to stop, and loses its thread if it doesn't. 3. The run fails, or is tried again.
    if (!run.revokeJobs()) return;
    const error = new TimeoutError(
      `${run.name} (#${run.id}) ran for more than ${timeout} ms, its timeout. It was told to stop; raise the timeout, or find out what is slow.`,
    );
    run.owner.cancelJob(run, error);
    run.rejected(error);
  }
}
