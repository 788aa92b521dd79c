/**
 * Timeouts of tasks. A timeout counts from the moment at which the worker started the task. The
 * worker records that moment in the ledger. Therefore time in the queue does not count, and a
 * blocked worker does not have to send a message.
 */
import { now } from '#platform/time';
import { UserTimer } from '#platform/timers';
import { TimeoutError } from '../../errors.js';
import { SENT } from '../../scheduling/job/job-state.js';
import type { TaskRun } from './task-run.js';

/** Checks the run when its time may be over, and repeats the check until it is. */
export function watchTimeout(run: TaskRun): void {
  const { timeout } = run.task.options;
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return;
  const { rare } = run;
  checkAfter(timeout);

  function checkAfter(ms: number): void {
    rare.timer?.stop();
    rare.timer = new UserTimer(ms, check);
  }

  function check(): void {
    const { worker, slot, state } = run;
    if (state !== SENT || worker === undefined || timeout === undefined) return;
    const hasClaimed = worker.hasClaimed(run);
    // A faked clock does not show how long the worker really ran. On such a clock, a started task
    // has used up its time.
    const endedAt = worker.endedAt(slot);
    const hasEnded = hasClaimed && !Number.isNaN(endedAt);
    const until = hasEnded ? endedAt : now();
    const ran = !hasClaimed ? 0 : rare.timer?.isFaked ? timeout : until - worker.startedAt(slot);
    if (ran < timeout) {
      // The task ended in time while this thread was blocked. The report of the task is on the way.
      if (hasEnded) return;
      checkAfter(Math.max(1, timeout - ran));
      return;
    }
    // 1. Revoke the dependent jobs before the worker reaches them. If a step of a dependent has
    //    started, this run has finished and its report is on the way, so there is no timeout.
    // 2. Abort the signal of the task. If the task does not stop, its worker is terminated.
    // 3. Reject the run, or retry it.
    if (!revokeDependents(run)) return;
    const error = new TimeoutError(
      `Task "${run.name}" (#${run.id}) exceeded its timeout of ${timeout} ms while it ran, and was stopped. Increase the option "timeout", or make the task faster.`,
      { phase: 'running' },
    );
    run.owner.cancelJob(run, error);
    run.rejected(error);
  }
}

/** Revokes the jobs behind a run. Returns false if one of them has started. */
export function revokeDependents({ dependents = [], owner }: TaskRun): boolean {
  return dependents.every((dependent) => dependent.future.isSettled || owner.dispatcher.revoke(dependent));
}
