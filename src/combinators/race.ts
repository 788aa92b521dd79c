/** `race`: whatever comes first. */
import type { Future } from '../future/future.js';
import { CANCELLED, FULFILLED } from '../future/state.js';
import { type GatherOptions, gather } from './gather.js';
import { futuresOf, type ValueOf } from './source.js';

/**
 * A future that ends as the first member does: fulfilled, rejected or cancelled.
 *
 * ```ts
 * const first = await race([nap(60_000), nap(100)], { cancelRest: true });
 * console.log(first);
 * // Output:
 * // 100
 * ```
 *
 * Cancelling it stops the members that nobody else uses. With `cancelRest` the first to settle cancels the others.
 *
 * @throws TypeError when an item is no Future; RangeError when there is none, since that race would never end
 */
export function race<F extends Future<any>>(futures: Iterable<F>, options?: GatherOptions): Future<ValueOf<F>> {
  const members = futuresOf(futures, 'race()');
  if (members.length === 0)
    throw new RangeError('race(): expected one Future or more; without any it would never settle');
  return gather('race', members, options, (gathering, future) => {
    if (future._state === FULFILLED) gathering.fulfil(future._value());
    else if (future._state === CANCELLED) gathering.cancel(future._result);
    else gathering.reject(future._result);
  });
}
