/** `allSettled`: every outcome. */
import { Future } from '../future/future.js';
import type { Outcome } from '../future/outcome.js';
import { type GatherOptions, gather } from './gather.js';
import { futuresOf } from './source.js';

/** Outcomes of a tuple of futures. */
export type Outcomes<F extends readonly Future<any>[]> = {
  -readonly [K in keyof F]: F[K] extends Future<infer T> ? Outcome<T> : never;
};

/**
 * A future of all outcomes, in the order of the input. It is never rejected.
 *
 * ```ts
 * const outcomes = await allSettled([square(3), fail('odd')]);
 * console.log(outcomes.map(({ status }) => status));
 * // Output:
 * // [ 'fulfilled', 'rejected' ]
 * ```
 *
 * Cancelling it stops the members that nobody else uses.
 *
 * @throws TypeError when an item is no Future
 */
export function allSettled<const F extends readonly Future<any>[]>(
  futures: F,
  options?: GatherOptions,
): Future<Outcomes<F>>;
export function allSettled<T>(futures: Iterable<Future<T>>, options?: GatherOptions): Future<Outcome<T>[]>;
export function allSettled(futures: Iterable<Future<any>>, options?: GatherOptions): Future<any> {
  const members = futuresOf(futures, 'allSettled()');
  if (members.length === 0) return Future.resolve([]);
  const outcomes: Outcome<any>[] = new Array(members.length);
  let missing = members.length;
  return gather('allSettled', members, options, (gathering, future, index) => {
    outcomes[index] = future._outcome();
    if (--missing === 0) gathering.fulfil(outcomes);
  });
}
