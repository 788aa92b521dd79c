/** `race`: one future of the first outcome. */
import type { Future } from '../future/future.js';
import { CANCELLED, FULFILLED } from '../future/state.js';
import { type GatherOptions, gather } from './gather.js';
import { futuresOf, type ValueOf } from './source.js';

/**
 * Returns a future that settles as the first input future does: fulfilled, rejected or cancelled.
 *
 * Use it if the first answer counts, even if it is a failure.
 *
 * ```ts
 * const first = await race([nap(60_000), nap(100)], { cancelRest: true });
 * console.log(first);
 * // Output:
 * // 100
 * ```
 *
 * Cancelling it also cancels the input futures that nothing else uses. With `cancelRest`, the first
 * future that settles cancels the others.
 *
 * An input future that is still pending keeps the result in memory until it settles. A program
 * that races the same future again and again holds all these results: use `cancelRest`, or `wait`.
 *
 * @throws TypeError if an item is not a Future, or an option is wrong
 * @throws RangeError if the input is empty, because the result would never settle
 * @see {@link all}, {@link allSettled}, {@link any}
 */
export function race<F extends Future<any>>(futures: Iterable<F>, options?: GatherOptions): Future<ValueOf<F>> {
  const members = futuresOf(futures, 'race()');
  if (members.length === 0)
    throw new RangeError(
      'race(): the input contains no futures, so the result would never settle. Pass at least one Future.',
    );
  return gather('race', members, options, (gathering, future) => {
    if (future._state === FULFILLED) gathering.fulfil(future._value());
    else if (future._state === CANCELLED) gathering.cancel(future._result);
    else gathering.reject(future._result);
  });
}
