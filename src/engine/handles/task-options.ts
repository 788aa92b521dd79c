/** The options of a single task, and their checks. */
import {
  abortSignal,
  type Checks,
  integer,
  integerOrInfinity,
  kind,
  number,
  optionOf,
  positiveMs,
  unexpected,
  validate,
} from '../../util/validate.js';
import type { RetryOptions } from '../run/retry.js';

/**
 * Options of one task, passed to `with(options)`.
 *
 * ```ts
 * const careful = nap.with({ timeout: 1_000, retry: 2, priority: 10 });
 * console.log(await careful(100));
 * // Output:
 * // 100
 * ```
 */
export interface TaskOptions {
  /**
   * Cancels the future when the signal aborts, with the signal's reason. This includes the time in
   * the queue.
   */
  readonly signal?: AbortSignal;
  /**
   * Priority of the task among all tasks that have not started. A higher number starts first. Tasks
   * of the same priority start in submission order.
   * @default 0
   */
  readonly priority?: number;
  /**
   * Maximum run time in ms, counted from the start of the task. Time in the queue does not count.
   * If the task runs longer, the future is rejected with a TimeoutError and the task is stopped as
   * if it were cancelled. With `retry`, each run has its own limit. For a stream, the limit applies
   * to the whole stream.
   * @default no limit
   */
  readonly timeout?: number;
  /**
   * How often a failed task is run again, as a number or as {@link RetryOptions}. A task is not
   * retried after a cancel, or if its arguments were moved by `transfer`. A stream is not retried
   * after it has emitted a value.
   * @default 0
   */
  readonly retry?: number | RetryOptions;
  /**
   * Maximum number of values that a stream may be ahead of its reader. Values that wait on the
   * worker, that are on the way, and that wait on this thread all count. Set a low number if values
   * are large.
   * @default 1024
   */
  readonly highWaterMark?: number;
}

const count = integerOrInfinity(0);

const delay = number('a number of ms, 0 or more, or a function that returns it', (value) => value >= 0);

const retryChecks: Checks<RetryOptions> = {
  count,
  delay: (at, value) => typeof value === 'function' || delay(at, value),
  when: kind('a function that receives the error', (value) => typeof value === 'function'),
};

const checks: Checks<TaskOptions> = {
  signal: abortSignal,
  priority: number('a finite number', Number.isFinite),
  timeout: positiveMs,
  retry: checkRetry,
  highWaterMark: integer(1),
};

/**
 * @throws TypeError if an option is unknown or has a wrong type
 * @throws RangeError if a number is out of range
 */
export function checkTaskOptions(options: TaskOptions, where: string): TaskOptions {
  validate(where, options, checks);
  return options;
}

function checkRetry(at: string, retry: unknown): void {
  if (typeof retry === 'number') {
    count(at, retry);
    return;
  }
  if (typeof retry !== 'object' || retry === null) {
    throw new TypeError(unexpected(at, 'a number or { count, delay, when }', retry));
  }
  validate(at, retry as RetryOptions, retryChecks);
  count(optionOf(at, 'count'), (retry as RetryOptions).count);
}

/**
 * Returns whether the options apply to a single run. Two tasks with such options can't share a run.
 */
export function areOfOneRun({ timeout, retry }: TaskOptions): boolean {
  return timeout !== undefined || retry !== undefined;
}
