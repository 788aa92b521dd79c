/** Retries: decides whether a failed run is repeated and after which delay, and starts it again. */

import { call } from '#platform/context';
import { UserTimer } from '#platform/timers';
import { CancelledError } from '../../errors.js';
import { isInstance } from '../../protocol/instance.js';
import { tooLate } from './deadline.js';
import type { TaskRun } from './task-run.js';

/**
 * How often a failed task is run again. Each retry is a new run, possibly on another worker. A
 * cancelled task is never retried.
 *
 * ```ts file: tasks.ts
 * import { currentTask } from 'rx-futures/worker';
 *
 * export function flaky(): string {
 *   const { attempt } = currentTask();
 *   if (attempt < 3) throw new Error('busy');
 *   return `succeeded at attempt ${attempt}`;
 * }
 * ```
 *
 * ```ts
 * const executor = new Executor<typeof import('./tasks.js')>({ tasks: new URL('./tasks.js', import.meta.url) });
 * const flaky = executor.tasks.flaky.with({ retry: { count: 5, delay: (attempt) => 10 * 2 ** attempt } });
 * console.log(await flaky());
 * // Output:
 * // succeeded at attempt 3
 * ```
 */
export interface RetryOptions {
  /** Maximum number of retries. */
  readonly count: number;
  /**
   * Delay before the next run in ms. A function receives the number of the run that failed, 1 for
   * the first one.
   * @default 0
   */
  readonly delay?: number | ((attempt: number) => number);
  /**
   * Decides whether this error is retried. If the function throws, the task is not retried and its
   * future is rejected with that error. `when` and `delay` run in the async context
   * (AsyncLocalStorage) of the submit.
   * @default every error is retried
   */
  readonly when?: (error: unknown) => boolean;
}

/** Starts a failed run again, now or later, or rejects its future with `error`. */
export function retryOrFail(run: TaskRun, error: unknown): void {
  const { future, owner } = run;
  if (future.isSettled) return;
  // The scheduler no longer knows this run. A terminate() in `when`, in `delay` or in a listener
  // of `task-retried` must still find its future.
  owner.follow(future);
  let delay: number | undefined;
  try {
    delay = nextAttempt(run, error);
  } catch (failure) {
    // The user's `when` or `delay` threw. The new error replaces the error of the task.
    run.fail(failure);
    return;
  }
  if (delay === undefined) {
    run.fail(error);
    return;
  }
  const late = run.rare.deadlines === undefined ? undefined : tooLate(run, delay, error);
  if (late !== undefined) {
    run.fail(late);
    return;
  }
  const refusal = run.streams?.refusal(error);
  if (refusal !== undefined) {
    run.fail(refusal);
    return;
  }
  if (!future.isSettled) owner.recorder.retried(run, delay, error);
  if (run.pin !== undefined) run.rare.lastFailure = error;
  if (!future.isSettled) startAgain(run, delay, error);
}

/** Starts a new attempt after `delay` ms, together with the dependents that wait for the run. */
function startAgain(run: TaskRun, delay: number, failure: unknown): void {
  const { rare } = run;
  rare.attempt++;
  rare.tap?.retrying(failure);
  rare.timer?.stop();
  rare.streams?.leave();
  run.detachFromWorker();
  if (delay === 0) enqueue();
  else rare.timer = new UserTimer(delay, enqueue);

  function enqueue(): void {
    if (run.hasArgs) run.owner.enqueueAgain(run);
    else run.requeue();
  }
}

/** Returns the ms until the next run; undefined if the task is not run again. */
export function nextAttempt(run: TaskRun, error: unknown): number | undefined {
  const { retry } = run.task.options;
  if (retry === undefined || run.future.isSettled || isInstance(error, CancelledError)) return undefined;
  // A server of a queue has already handled the retries, unless `retry` has functions. Functions
  // can't be sent.
  if (run.owner.traits.retries && retryAsData(retry) !== undefined) return undefined;
  const { count, delay = 0, when } = settingsOf(retry);
  // Moved arguments were lost with the failed run. A stream that has emitted values would emit them
  // again.
  if (run.attempt > count || run.transfer !== undefined || run.hasLostInput || run.rare.valueSink?.hasEmitted)
    return undefined;
  if (run.place?.lane.actor?.isGone === true) return undefined;
  const { asyncContext } = run.rare;
  const ask = () => {
    if (when?.(error) === false) return undefined;
    const ms = typeof delay === 'function' ? delay(run.attempt) : delay;
    // The functions of the user may have cancelled the future.
    if (run.future.isSettled) return undefined;
    return Number.isFinite(ms) && ms > 0 ? ms : 0;
  };
  return asyncContext === undefined ? ask() : call(asyncContext, ask, undefined, undefined);
}

export function callsFunctions(retry: number | RetryOptions | undefined): boolean {
  return typeof retry === 'object' && (retry.when !== undefined || typeof retry.delay === 'function');
}

/**
 * Returns the retry options as plain data that a server of a queue can apply. Returns undefined if
 * there are no retries, or if a function decides.
 */
export function retryAsData(retry: number | RetryOptions | undefined): { count: number; delay: number } | undefined {
  if (retry === undefined) return undefined;
  if (callsFunctions(retry)) return undefined;
  const { count, delay = 0 } = settingsOf(retry);
  return { count, delay: delay as number };
}

function settingsOf(retry: number | RetryOptions): RetryOptions {
  return typeof retry === 'number' ? { count: retry } : retry;
}
