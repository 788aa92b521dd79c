/** `any`: the first value. */
import { Future } from '../future/future.js';
import { FULFILLED } from '../future/state.js';
import { type GatherOptions, gather } from './gather.js';
import { futuresOf, type ValueOf } from './source.js';

/**
 * A future of the first value. Where no member is fulfilled it is rejected with an AggregateError of all reasons, in the order of the
 * input; a cancelled member counts as one that failed.
 *
 * ```ts
 * const fastest = await any([fail('odd'), nap(60_000), nap(100)], { cancelRest: true });
 * console.log(fastest);
 * // Output:
 * // 100
 * ```
 *
 * Cancelling it stops the members that nobody else uses. With `cancelRest` the first value cancels the others.
 *
 * @throws TypeError when an item is no Future
 */
export function any<F extends Future<any>>(futures: Iterable<F>, options?: GatherOptions): Future<ValueOf<F>> {
  const members = futuresOf(futures, 'any()');
  if (members.length === 0) return Future.reject(new AggregateError([], 'any(): there was no future'));
  const errors: unknown[] = new Array(members.length);
  let missing = members.length;
  return gather('any', members, options, (gathering, future, index) => {
    if (future._state === FULFILLED) {
      gathering.fulfil(future._value());
      return;
    }
    errors[index] = future._result;
    if (--missing === 0) gathering.reject(new AggregateError(errors, `any(): all ${members.length} futures failed`));
  });
}
