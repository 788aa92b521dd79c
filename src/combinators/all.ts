/** `all`: every value, or the first failure. */
import { Future } from '../future/future.js';
import { CANCELLED, FULFILLED } from '../future/state.js';
import { type GatherOptions, gather } from './gather.js';
import { futuresOf } from './source.js';

/** Values of a tuple of futures. */
export type Values<F extends readonly Future<any>[]> = {
  -readonly [K in keyof F]: F[K] extends Future<infer T> ? T : never;
};

/**
 * A future of all values, in the order of the input. The first failure rejects it with that error; a member that is cancelled ends it as
 * cancelled.
 *
 * ```ts
 * const [a, b] = await all([square(2), square(3)]);
 * console.log(a, b);
 * // Output:
 * // 4 9
 * ```
 *
 * Cancelling it stops the members that nobody else uses. With `cancelRest` a failure cancels the others.
 *
 * @throws TypeError when an item is no Future
 */
export function all<const F extends readonly Future<any>[]>(futures: F, options?: GatherOptions): Future<Values<F>>;
export function all<T>(futures: Iterable<Future<T>>, options?: GatherOptions): Future<T[]>;
export function all(futures: Iterable<Future<any>>, options?: GatherOptions): Future<any> {
  const members = futuresOf(futures, 'all()');
  if (members.length === 0) return Future.resolve([]);
  const values: unknown[] = new Array(members.length);
  let missing = members.length;
  return gather('all', members, options, (gathering, future, index) => {
    if (future._state === FULFILLED) {
      values[index] = future._value();
      if (--missing === 0) gathering.fulfil(values);
    } else if (future._state === CANCELLED) {
      gathering.cancel(future._result);
    } else {
      gathering.reject(future._result);
    }
  });
}
