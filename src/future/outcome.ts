/** Outcomes: how a future ended, as data. */
import type { CancelledError } from '../errors.js';
import type { Future } from './future.js';

/**
 * How a future ended, as a value. Done callbacks receive an outcome, and {@link asCompleted} emits
 * outcomes. A `switch` over `status` is complete with three cases.
 *
 * ```ts
 * square(3).addDoneCallback((outcome) => {
 *   if (outcome.status === 'fulfilled') console.log(outcome.value);
 *   else console.error(outcome.status, outcome.reason);
 * });
 * // Output:
 * // 9
 * ```
 */
export type Outcome<T> = Fulfilled<T> | Rejected<T> | Cancelled<T>;

/** The outcome of a future that has a value. */
export interface Fulfilled<T> {
  readonly status: 'fulfilled';
  /** The result of the task. */
  readonly value: T;
  /** The future that has settled. */
  readonly future: Future<T>;
}

/** The outcome of a future that failed. */
export interface Rejected<T> {
  readonly status: 'rejected';
  /** The value that the task threw, usually an Error. */
  readonly reason: unknown;
  /** The future that has settled. */
  readonly future: Future<T>;
}

/** The outcome of a future that was cancelled. */
export interface Cancelled<T> {
  readonly status: 'cancelled';
  /** Its `cause` is the reason that was passed to `cancel()`. */
  readonly reason: CancelledError;
  /** The future that has settled. */
  readonly future: Future<T>;
}
