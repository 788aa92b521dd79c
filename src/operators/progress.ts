/** `progress`: how far many tasks have come. */
import { defer, map, type OperatorFunction } from 'rxjs';
import type { Outcome } from '../future/outcome.js';
import { checkTotal, ProgressCounter } from '../progress/counter.js';
import type { Progress } from '../progress/snapshot.js';
import { checkNames } from '../util/validate.js';

export interface ProgressOptions {
  /** Outcomes at the end, where you know better than the source. */
  readonly total?: number;
}

/**
 * Turns each Outcome into how far the whole has come with it. Use it where a program shows or logs its progress itself; a bar on a
 * terminal is `progressBar` of `rx-futures/terminal`.
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
 * One for each outcome, none before the first: as with `scan`, what there is at the beginning is for `startWith`.
 *
 * Without the `total` option, the Observable that `asCompleted` returns tells it: at once where it was given an array or a Set, otherwise
 * as many as it has taken from its input so far. An operator in between hides that, since it may leave outcomes out.
 *
 * `rate` and `eta` follow a change of pace: what is older than 15 s, or than 22 outcomes where those come less often, has a tenth of the
 * weight (`src/progress/rate.ts` has the method and its sources). Outcomes that were there at the subscription have none.
 *
 * Errors, the end and unsubscribing pass through, to the source and from it. Each subscription counts anew, and holds no outcome.
 *
 * @throws RangeError for a `total` out of range; TypeError for an option that there isn't
 */
export function progress<T>(options: ProgressOptions = {}): OperatorFunction<Outcome<T>, Progress<T>> {
  checkNames(options, ['total'], 'progress()');
  const { total } = options;
  checkTotal(total, 'progress()');
  return (source) =>
    defer(() => {
      const counter = new ProgressCounter(total);
      return counter.of(source).pipe(
        map((last) => {
          counter.count(last);
          return { ...counter.standing(), last };
        }),
      );
    });
}
