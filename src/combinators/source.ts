/** What the combinators take: futures, and checks of them. */

import type { Future } from '../future/future.js';
import { isFuture } from '../future/is-future.js';
import { type Input, isIterable } from '../stream/input.js';
import { show } from '../util/validate.js';

/** Futures, at once or over time. */
export type FutureInput<F extends Future<any>> = Input<F>;

/** What a future is of. */
export type ValueOf<F> = F extends Future<infer T> ? T : never;

/** @throws TypeError naming the item that is no Future */
export function futuresOf<F extends Future<any>>(input: Iterable<F>, where: string): F[] {
  if (!isIterable(input)) throw new TypeError(`${where}: expected an iterable of Futures, got ${show(input)}`);
  return Array.from(input, (item, i) => checkFuture(item, `${where}: item ${i}`) as F);
}

/** @throws TypeError when the item is no Future */
export function checkFuture(item: unknown, where: string): Future<any> {
  if (isFuture(item)) return item;
  const hint = item instanceof Promise ? ' Future.from(promise) makes one of it.' : '';
  throw new TypeError(`${where}: expected a Future, got ${show(item)}.${hint}`);
}
