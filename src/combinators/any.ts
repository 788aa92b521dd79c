/** `any`: one future of the first value. */
import { Future } from '../future/future.js';
import { FULFILLED } from '../future/state.js';
import { type GatherOptions, gather } from './gather.js';
import { futuresOf, type ValueOf } from './source.js';

/**
 * Returns a future of the first value. If no input future is fulfilled, it is rejected with an
 * AggregateError of all reasons, in the order of the input. A cancelled input future counts as
 * failed.
 *
 * Use it if one success is enough.
 *
 * ```ts
 * const fastest = await any([fail('odd'), nap(60_000), nap(100)], { cancelRest: true });
 * console.log(fastest);
 * // Output:
 * // 100
 * ```
 *
 * Cancelling it also cancels the input futures that nothing else uses. With `cancelRest`, the first
 * value cancels the other input futures.
 *
 * Holds each reason until the result is decided. An input future that is still pending keeps the
 * reasons and the result in memory until it settles.
 *
 * @throws TypeError if an item is not a Future, or an option is wrong
 * @see {@link all}, {@link allSettled}, {@link race}
 */
export function any<F extends Future<any>>(futures: Iterable<F>, options?: GatherOptions): Future<ValueOf<F>> {
  const members = futuresOf(futures, 'any()');
  if (members.length === 0)
    return Future.reject(new AggregateError([], 'any(): the input contains no futures. Pass at least one Future.'));
  const errors: unknown[] = new Array(members.length);
  let missing = members.length;
  return gather('any', members, options, (gathering, future, index) => {
    if (future._state === FULFILLED) {
      gathering.fulfil(future._value());
      return;
    }
    errors[index] = future._result;
    if (--missing === 0)
      gathering.reject(
        new AggregateError(errors, `any(): all ${members.length} futures were rejected or cancelled. See "errors".`),
      );
  });
}
