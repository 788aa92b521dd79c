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

export interface Fulfilled<T> {
  readonly status: 'fulfilled';
  readonly value: T;
  readonly future: Future<T>;
}

export interface Rejected<T> {
  readonly status: 'rejected';
  /** The value that the task threw, usually an Error. */
  readonly reason: unknown;
  readonly future: Future<T>;
}

export interface Cancelled<T> {
  readonly status: 'cancelled';
  readonly reason: CancelledError;
  readonly future: Future<T>;
}
