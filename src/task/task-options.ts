/** What can be said of a single task, and the checks of it. */
import { show } from '../check.js';
import type { RetryOptions } from './retry.js';

/**
 * Options of one task, given through `with(options)`.
 *
 * ```ts
 * const careful = nap.with({ timeout: 1_000, retry: 2, priority: 10 });
 * console.log(await careful(100));
 * // Output:
 * // 100
 * ```
 */
export interface TaskOptions {
  /** Cancels the future when it aborts, with its reason; the time in the queue included. */
  readonly signal?: AbortSignal;
  /**
   * Higher goes first among all that has not begun; first come first served inside a level.
   * @default 0
   */
  readonly priority?: number;
  /**
   * ms from the moment at which the task begins; the queue doesn't count. Then the future is rejected with a TimeoutError and the task is
   * stopped like one that was cancelled. With `retry`, each run has its own. Of a stream: for the whole of it.
   */
  readonly timeout?: number;
  /**
   * How often a failing task is run again, or how exactly. Never after a cancel; not where arguments were moved by `transfer`, nor a stream
   * that has given a value.
   */
  readonly retry?: number | RetryOptions;
  /**
   * Values that a stream may be ahead of its reader: those that wait on the worker, on the way and here, together. Set it low where
   * they are large.
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
const knownOfRetry = new Set<string>(['count', 'delay', 'when'] satisfies (keyof RetryOptions)[]);

/**
 * @throws TypeError for an unknown option or one of the wrong kind
 * @throws RangeError for a number out of range
 */
export function checkTaskOptions(options: TaskOptions, where: string): TaskOptions {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`${where}: expected an object of options, got ${options === null ? 'null' : typeof options}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.has(name)) {
      throw new TypeError(`${where}: there is no option ${name}. There are: ${[...known].join(', ')}.`);
    }
  }
  const { signal, priority } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`${where}: signal: expected an AbortSignal, got ${show(signal)}`);
  }
  if (priority !== undefined && (typeof priority !== 'number' || !Number.isFinite(priority))) {
    throw new RangeError(`${where}: priority: expected a finite number, got ${show(priority)}`);
  }
  const { timeout, retry } = options;
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) {
    throw new RangeError(`${where}: timeout: expected a number of ms, more than 0, got ${show(timeout)}`);
  }
  if (retry !== undefined) checkRetry(retry, where);
  const { highWaterMark } = options;
  if (highWaterMark !== undefined && !(Number.isInteger(highWaterMark) && highWaterMark >= 1)) {
    throw new RangeError(`${where}: highWaterMark: expected an integer, 1 or more, got ${show(highWaterMark)}`);
  }
  return options;
}

function checkRetry(retry: unknown, where: string): void {
  if (typeof retry === 'number') {
    checkCount(retry, `${where}: retry`);
    return;
  }
  if (typeof retry !== 'object' || retry === null) {
    throw new TypeError(`${where}: retry: expected a number or { count, delay, when }, got ${show(retry)}`);
  }
  for (const name of Object.keys(retry)) {
    if (!knownOfRetry.has(name))
      throw new TypeError(`${where}: retry: there is no option ${name}. There are: ${[...knownOfRetry].join(', ')}.`);
  }
  const { count, delay, when } = retry as RetryOptions;
  checkCount(count, `${where}: retry.count`);
  if (delay !== undefined && typeof delay !== 'function' && !(typeof delay === 'number' && delay >= 0)) {
    throw new RangeError(
      `${where}: retry.delay: expected a number of ms, 0 or more, or a function that gives it, got ${show(delay)}`,
    );
  }
  if (when !== undefined && typeof when !== 'function') {
    throw new TypeError(`${where}: retry.when: expected a function that takes the error, got ${show(when)}`);
  }
}

function checkCount(count: unknown, where: string): void {
  if ((Number.isInteger(count) && (count as number) >= 0) || count === Number.POSITIVE_INFINITY) return;
  throw new RangeError(`${where}: expected an integer, 0 or more, or Infinity, got ${show(count)}`);
}

/** Options that are about one run, so that two tasks with such options cannot share a run. */
export function areOfOneRun({ timeout, retry }: TaskOptions): boolean {
  return timeout !== undefined || retry !== undefined;
}
