/** The data that `progress` emits. */
import type { Outcome } from '../future/outcome.js';

/** The progress of many tasks after an outcome. Times are in milliseconds. */
export interface Progress<T> {
  /** Number of outcomes so far: `fulfilled + rejected + cancelled`. */
  readonly done: number;
  /** Number of fulfilled futures. */
  readonly fulfilled: number;
  /** Number of rejected futures. */
  readonly rejected: number;
  /** Number of cancelled futures. */
  readonly cancelled: number;
  /**
   * Total number of outcomes: the `total` option, or else the number that the source reports. It
   * grows while an open-ended input is read. It is never less than `done`. It is undefined if the
   * total is not known.
   */
  readonly total: number | undefined;
  /** Time since the subscription. */
  readonly elapsed: number;
  /** Recent outcomes per second; 0 until a rate is known. */
  readonly rate: number;
  /** Estimated time until `done` equals `total`; undefined if `total` or `rate` is not known. */
  readonly eta: number | undefined;
  /** The latest outcome. */
  readonly last: Outcome<T>;
}
