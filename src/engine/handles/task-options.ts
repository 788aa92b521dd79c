/** The options of a single task, and their checks. */
import {
  abortSignal,
  anything,
  type Checks,
  integerOrInfinity,
  kind,
  ms,
  number,
  optionOf,
  positiveMs,
  unexpected,
  validate,
} from '../../util/validate.js';
import type { RetryOptions } from '../run/retry.js';
import { checkHighWaterMark } from './high-water-mark.js';

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
   * Maximum time in ms from the submit to the result. It includes the time in the queue, the wait
   * for arguments that are futures, and all retries. After that time, the future is rejected with a
   * TimeoutError and the task is stopped as if it were cancelled.
   *
   * If the next retry would start after the deadline, the future is rejected at once. The `cause`
   * of the TimeoutError is then the last failure.
   *
   * For a step of a chain, the time counts from the moment at which its input is there. A pipeline
   * has one deadline for all of its tasks. For a stream, the time counts from the subscription, and
   * for `map` from the submit of each input.
   * @default no limit
   */
  readonly deadline?: number;
  /**
   * Tasks with the same key run one at a time, in submission order, on one worker for as long as
   * that worker lives. They do not delay tasks with other keys. Use the id of what the tasks
   * change, for example of a user or a document.
   *
   * A task keeps its place while it waits for an argument that is a Future, and between retries.
   * Inside a key, the submission order wins over `priority`. A key costs no memory when its tasks
   * have settled.
   *
   * ```ts
   * const users = ['ann', 'bob', 'ann'];
   * // The second task of "ann" starts when the first one has ended. "bob" waits for neither.
   * const squares = users.map((key, i) => square.with({ key })(i));
   * console.log(await Promise.all(squares));
   * // Output:
   * // [ 0, 1, 4 ]
   * ```
   *
   * An executor with a queue refuses the option with a TypeError.
   * @default no key
   */
  readonly key?: string | number;
  /**
   * A value that worker code reads as `currentTask().context`, for example the id of a request. It
   * is copied at each submit, like an argument. A value that can't be copied rejects the future.
   * @default the value of the executor's option `context`
   */
  readonly context?: unknown;
  /**
   * Time in ms that the task may still run after it was cancelled or timed out. After that, its
   * worker is terminated. `Infinity`: no limit.
   * @default the `terminateAfter` of the executor
   */
  readonly terminateAfter?: number;
  /**
   * How often a failed task is run again, as a number or as {@link RetryOptions}. A task is not
   * retried after a cancel, or if its arguments were moved by `transfer`. A stream is not retried
   * after it has emitted a value.
   * @default 0
   */
  readonly retry?: number | RetryOptions;
  /**
   * How far a stream may be ahead of its reader: a number of values, or both limits as
   * `{ values, bytes }`. The stream pauses at the limit that it reaches first. Values that wait on
   * the worker, that are on the way, and that wait on this thread all count.
   *
   * `bytes` limits the estimated size of the values as they travel. Strings, buffers, and those
   * inside of objects count. The stream pauses when another value of the same size as the last one
   * would exceed the limit. A value that is larger than the limit travels alone. `Infinity`: no
   * limit.
   *
   * ```ts
   * const careful = count.with({ highWaterMark: { values: 64, bytes: 1_000_000 } });
   * for await (const n of careful.stream(2)) console.log(n);
   * // Output:
   * // 1
   * // 2
   * ```
   * @default { values: 1024, bytes: 16777216 }, which is 16 MiB, also for the bytes of a number
   */
  readonly highWaterMark?: number | { readonly values?: number; readonly bytes?: number };
}

const count = integerOrInfinity(0);

const delay = number('a number of ms, 0 or more, or a function that returns it', (value) => value >= 0);

const keyNumber = number('a string or a finite number', Number.isFinite);

const retryChecks: Checks<RetryOptions> = {
  count,
  delay: (at, value) => typeof value === 'function' || delay(at, value),
  when: kind('a function that receives the error', (value) => typeof value === 'function'),
};

export const taskChecks: Checks<TaskOptions> = {
  signal: abortSignal,
  priority: number('a finite number', Number.isFinite),
  timeout: positiveMs,
  deadline: positiveMs,
  key: checkKey,
  context: anything,
  terminateAfter: ms,
  retry: checkRetry,
  highWaterMark: checkHighWaterMark,
};

/**
 * @throws TypeError if an option is unknown or has a wrong type
 * @throws RangeError if a number is out of range
 */
export function checkTaskOptions(options: TaskOptions, where: string): TaskOptions {
  validate(where, options, taskChecks);
  return options;
}

/**
 * Checks the key of a task.
 *
 * @throws TypeError or RangeError
 */
export function checkKey(at: string, key: unknown): void {
  if (typeof key === 'number') keyNumber(at, key);
  else if (typeof key !== 'string') throw new TypeError(unexpected(at, 'a string or a finite number', key));
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
export function areOfOneRun({ timeout, terminateAfter, deadline, retry }: TaskOptions): boolean {
  return timeout !== undefined || terminateAfter !== undefined || deadline !== undefined || retry !== undefined;
}
