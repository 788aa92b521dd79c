/** `all`: one future of all values, or of the first failure. */
import { Future } from '../future/future.js';
import { CANCELLED, FULFILLED } from '../future/state.js';
import { type GatherOptions, gather } from './gather.js';
import { futuresOf } from './source.js';

/** The values of a tuple of futures. */
export type Values<F extends readonly Future<any>[]> = {
  -readonly [K in keyof F]: F[K] extends Future<infer T> ? T : never;
};

/**
 * Returns a future of all values, in the order of the input. The first rejection rejects it with
 * the same error. The first cancellation cancels it.
 *
 * Use it if every result is needed.
 *
 * ```ts
 * const [a, b] = await all([square(2), square(3)]);
 * console.log(a, b);
 * // Output:
 * // 4 9
 * ```
 *
 * Cancelling it also cancels the input futures that nothing else uses. With `cancelRest`, a failure
 * cancels the other input futures.
 *
 * Holds each value until the last one is there. After a failure, an input future that is still
 * pending keeps these values in memory until it settles.
 *
 * @throws TypeError if an item is not a Future, or an option is wrong
 * @see {@link allSettled}, {@link any}, {@link race}
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
