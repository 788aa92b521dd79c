/** `allSettled`: one future of all outcomes. */
import { Future } from '../future/future.js';
import type { Outcome } from '../future/outcome.js';
import { type GatherOptions, gather } from './gather.js';
import { futuresOf } from './source.js';

/** The outcomes of a tuple of futures. */
export type Outcomes<F extends readonly Future<any>[]> = {
  -readonly [K in keyof F]: F[K] extends Future<infer T> ? Outcome<T> : never;
};

/**
 * Returns a future of all outcomes, in the order of the input. The future is never rejected.
 *
 * Use it if failures are part of the result.
 *
 * ```ts
 * const outcomes = await allSettled([square(3), fail('odd')]);
 * console.log(outcomes.map(({ status }) => status));
 * // Output:
 * // [ 'fulfilled', 'rejected' ]
 * ```
 *
 * Cancelling it also cancels the input futures that nothing else uses.
 *
 * Holds each outcome until the last one is there.
 *
 * @throws TypeError if an item is not a Future, or an option is wrong
 * @see {@link all}, {@link any}, {@link race}
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
