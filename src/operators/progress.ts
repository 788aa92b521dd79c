/** `progress`: the operator that reports the progress of many tasks. */
import { defer, map, type OperatorFunction } from 'rxjs';
import type { Outcome } from '../future/outcome.js';
import { ProgressCounter } from '../progress/counter.js';
import type { Progress } from '../progress/snapshot.js';
import { integer, validate } from '../util/validate.js';

/** Options of {@link progress}. */
export interface ProgressOptions {
  /** Total number of outcomes, if you know it better than the source. */
  readonly total?: number;
}

/**
 * Replaces each Outcome by the progress that includes it.
 *
 * Use it if a program displays or logs the progress itself. For a bar on a terminal, use
 * `progressBar` of `rx-futures/terminal`.
 *
 * ```ts
 * asCompleted([square(1), square(2), nap(100)])
 *   .pipe(progress())
 *   .subscribe(({ done, total }) => console.log(`${done} of ${total}`));
 * // Output:
 * // 1 of 3
 * // 2 of 3
 * // 3 of 3
 * ```
 *
 * Emits one value for each outcome, and none before the first. Add `startWith` for an initial
 * value, as with `scan`.
 *
 * Without the `total` option, the ResultStream of `asCompleted` supplies the total. For an array or
 * a Set the total is known at once. For any other input, the total is the number of futures read so
 * far. An operator between `asCompleted` and `progress` hides the total, because it may drop
 * outcomes.
 *
 * `rate` and `eta` are moving averages. Outcomes older than 15 s have a tenth of the weight in
 * total. If outcomes are rare, outcomes before the last 22 have that weight instead.
 * `src/progress/rate.ts` has the method and its sources. Outcomes that are emitted during the
 * subscription do not count for the rate.
 *
 * Errors, completion and unsubscribing pass through. Each subscription starts a new count, and
 * holds no outcome.
 *
 * @throws RangeError if `total` is out of range
 * @throws TypeError if an option is unknown, or `total` is not a number
 * @see {@link asCompleted}, {@link values}
 */
export function progress<T>(options: ProgressOptions = {}): OperatorFunction<Outcome<T>, Progress<T>> {
  validate('progress()', options, { total: integer(0) });
  const { total } = options;
  return (source) =>
    defer(() => {
      const counter = new ProgressCounter(total);
      return counter.of(source).pipe(
        map((last) => {
          counter.count(last);
          return { ...counter.snapshot(), last };
        }),
      );
    });
}
