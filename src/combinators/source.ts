/** The inputs of the combinators, and the checks of them. */

import type { Future } from '../future/future.js';
import { isFuture } from '../future/is-future.js';
import { type Input, isIterable } from '../stream/input.js';
import { show } from '../util/validate.js';

/** Futures, available at once or over time. */
export type FutureInput<F extends Future<any>> = Input<F>;

/** The type of a future's value. */
export type ValueOf<F> = F extends Future<infer T> ? T : never;

/**
 * Returns the futures of an iterable as an array.
 *
 * @throws TypeError that names the first item that is not a Future
 */
export function futuresOf<F extends Future<any>>(input: Iterable<F>, where: string): F[] {
  if (!isIterable(input))
    throw new TypeError(`${where}: expected an iterable of Futures, got ${show(input)}. Pass an array of Futures.`);
  return Array.from(input, (item, i) => checkFuture(item, `${where}: item ${i}`) as F);
}

/**
 * Returns the item if it is a Future.
 *
 * @param advice the end of the message for an item that is not a promise either
 * @throws TypeError otherwise
 */
export function checkFuture(
  item: unknown,
  where: string,
  advice = 'Pass the Future that a task, a chain or a Deferred returns.',
): Future<any> {
  if (isFuture(item)) return item;
  const next = item instanceof Promise ? 'Convert the promise with Future.from(promise).' : advice;
  throw new TypeError(`${where}: expected a Future, got ${show(item)}. ${next}`);
}
