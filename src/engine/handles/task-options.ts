/** The options of a single task, and their validation. */
import { show } from '../../util/validate.js';
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

const known = new Set<string>([
  'signal',
  'priority',
  'timeout',
  'retry',
  'highWaterMark',
] satisfies (keyof TaskOptions)[]);
const knownRetryOptions = new Set<string>(['count', 'delay', 'when'] satisfies (keyof RetryOptions)[]);

/**
 * @throws TypeError if an option is unknown or has a wrong type
 * @throws RangeError if a number is out of range
 */
export function checkTaskOptions(options: TaskOptions, where: string): TaskOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: expected an object of options, got ${options === null ? 'null' : typeof options}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.has(name)) {
      throw new TypeError(`${where}: unknown option "${name}". Use one of: ${[...known].join(', ')}.`);
    }
  }
  const { signal, priority } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${where}: option "signal": expected an AbortSignal, got ${show(signal)}`);
  }
  if (priority !== undefined && (typeof priority !== 'number' || !Number.isFinite(priority))) {
    throw new RangeError(`${where}: option "priority": expected a finite number, got ${show(priority)}`);
  }
  const { timeout, retry } = options;
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) {
    throw new RangeError(`${where}: option "timeout": expected a number of ms, more than 0, got ${show(timeout)}`);
  }
  if (retry !== undefined) checkRetry(retry, where);
  const { highWaterMark } = options;
  if (highWaterMark !== undefined && !(Number.isInteger(highWaterMark) && highWaterMark >= 1)) {
    throw new RangeError(
      `${where}: option "highWaterMark": expected an integer, 1 or more, got ${show(highWaterMark)}`,
    );
  }
  return options;
}

function checkRetry(retry: unknown, where: string): void {
  if (typeof retry === 'number') {
    checkCount(retry, `${where}: option "retry"`);
    return;
  }
  if (typeof retry !== 'object' || retry === null) {
    throw new TypeError(`${where}: option "retry": expected a number or { count, delay, when }, got ${show(retry)}`);
  }
  for (const name of Object.keys(retry)) {
    if (!knownRetryOptions.has(name))
      throw new TypeError(
        `${where}: option "retry": unknown option "${name}". Use one of: ${[...knownRetryOptions].join(', ')}.`,
      );
  }
  const { count, delay, when } = retry as RetryOptions;
  checkCount(count, `${where}: option "retry.count"`);
  if (delay !== undefined && typeof delay !== 'function' && !(typeof delay === 'number' && delay >= 0)) {
    throw new RangeError(
      `${where}: option "retry.delay": expected a number of ms, 0 or more, or a function that returns it, got ${show(delay)}`,
    );
  }
  if (when !== undefined && typeof when !== 'function') {
    throw new TypeError(
      `${where}: option "retry.when": expected a function that receives the error, got ${show(when)}`,
    );
  }
}

function checkCount(count: unknown, where: string): void {
  if ((Number.isInteger(count) && (count as number) >= 0) || count === Number.POSITIVE_INFINITY) return;
  throw new RangeError(`${where}: expected an integer, 0 or more, or Infinity, got ${show(count)}`);
}

/**
 * Returns whether the options apply to a single run. Two tasks with such options can't share a run.
 */
export function areOfOneRun({ timeout, retry }: TaskOptions): boolean {
  return timeout !== undefined || retry !== undefined;
}
