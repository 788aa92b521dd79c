/** `values`: from outcomes back to values. */
import { map, type OperatorFunction } from 'rxjs';
import type { Outcome } from '../future/outcome.js';

/**
 * Turns Outcomes into their values, and ends with an error at the first one that is not fulfilled.
 *
 * ```ts
 * asCompleted([nap(1_000), nap(100)])
 *   .pipe(values())
 *   .subscribe({ next: (ms) => console.log(ms), error: console.error });
 * // Output:
 * // 100
 * // 1000
 * ```
 */
export function values<T>(): OperatorFunction<Outcome<T>, T> {
  return map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    throw outcome.reason;
  });
}
