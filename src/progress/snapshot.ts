/** The data that `progress` emits. */
import type { Outcome } from '../future/outcome.js';

/** How far many tasks have come, after each outcome. Times are in milliseconds. */
export interface Progress<T> {
  /** Outcomes so far: `fulfilled + rejected + cancelled`. */
  readonly done: number;
  readonly fulfilled: number;
  readonly rejected: number;
  readonly cancelled: number;
  /**
   * Outcomes at the end, as far as that is known: the option, or else what the source tells. It grows where the input is open-ended,
   * is never less than `done`, and undefined where nobody knows.
   */
  readonly total: number | undefined;
  /** Since the subscription. */
  readonly elapsed: number;
  /** Outcomes per second as of late; 0 until there is a pace to tell of. */
  readonly rate: number;
  /** Until `done` is `total`, at this rate; undefined without a `total` or a `rate`. */
  readonly eta: number | undefined;
  /** The outcome that this is about. */
  readonly last: Outcome<T>;
}
