/** Retries: what may be tried again, and when. */
import { call } from '../context.js';
import { CancelledError } from '../errors.js';
import type { TaskRun } from './task-run.js';

/**
 * How often a task that fails is run again. Each run is a new one, perhaps on another worker. Never after a cancel.
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
  /** Further runs at most. */
  readonly count: number;
  /**
   * ms before the next run; a function gets the number of the run that failed, 1 for the first.
   * @default 0
   */
  readonly delay?: number | ((attempt: number) => number);
  /**
   * Whether this error is worth another run. Default: every error. One that throws ends the retries with what it threw. Both functions run in the
   * async context (AsyncLocalStorage) of the submit.
   */
  readonly when?: (error: unknown) => boolean;
}

/** ms until the next run; undefined where there is none. */
export function nextAttempt(run: TaskRun, error: unknown): number | undefined {
  const { retry } = run.task.options;
  if (retry === undefined || run.future.isSettled || error instanceof CancelledError) return undefined;
  // The other end of a queue has seen to it already, unless it can't: functions stay here.
  if (run.owner.isQueue && retryAsData(retry) !== undefined) return undefined;
  const { count, delay = 0, when } = settingsOf(retry);
  // What was moved to a worker is gone with the run that failed; what a stream has given would be given again.
  if (run.attempt > count || run.transfer !== undefined || run.hasLostInput || run.extras.feed?.hasGiven)
    return undefined;
  const { context } = run.extras;
  const ask = () => {
    if (when?.(error) === false) return undefined;
    const ms = typeof delay === 'function' ? delay(run.attempt) : delay;
    // The user's functions may have cancelled the future.
    if (run.future.isSettled) return undefined;
    return Number.isFinite(ms) && ms > 0 ? ms : 0;
  };
  return context === undefined ? ask() : call(context, ask, undefined, undefined);
}

export function callsFunctions(retry: number | RetryOptions | undefined): boolean {
  return typeof retry === 'object' && (retry.when !== undefined || typeof retry.delay === 'function');
}

/** Retries that somebody else can see to; undefined where there are none, or a function decides. */
export function retryAsData(retry: number | RetryOptions | undefined): { count: number; delay: number } | undefined {
  if (retry === undefined) return undefined;
  if (callsFunctions(retry)) return undefined;
  const { count, delay = 0 } = settingsOf(retry);
  return { count, delay: delay as number };
}

function settingsOf(retry: number | RetryOptions): RetryOptions {
  return typeof retry === 'number' ? { count: retry } : retry;
}
