/** `values`: the operator that turns outcomes into values. */
import { map, type OperatorFunction } from 'rxjs';
import type { Outcome } from '../future/outcome.js';

/**
 * Replaces each Outcome by its value, and ends with an error at the first outcome that is not
 * fulfilled.
 *
 * Use it behind `asCompleted`, or behind `map` with `settle`, if the first failure should end the
 * stream.
 *
 * ```ts
 * asCompleted([nap(1_000), nap(100)])
 *   .pipe(values())
 *   .subscribe({ next: (ms) => console.log(ms), error: console.error });
 * // Output:
 * // 100
 * // 1000
 * ```
 *
 * Unsubscribing passes through to the source.
 *
 * @throws (as the error of the stream) the reason of the first Outcome that is not fulfilled, which
 *   is a CancelledError if its future was cancelled
 * @see {@link asCompleted}, {@link progress}
 */
export function values<T>(): OperatorFunction<Outcome<T>, T> {
  return map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    throw outcome.reason;
  });
}
