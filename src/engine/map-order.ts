/** The order in which `map` emits its results. */
import type { Future } from '../future/future.js';
import { Deque } from '../util/deque.js';

interface Item {
  readonly future: Future<unknown>;
}

/** Inputs in flight, and those whose results have not been emitted. */
export interface Items<I extends Item> extends Iterable<I> {
  readonly size: number;
  add(item: I): void;
  /**
   * Removes and returns an item whose result can be emitted now. `settled` is the item that has
   * just settled. With undefined, returns the next such item.
   */
  next(settled: I | undefined): I | undefined;
  clear(): void;
}

/** Results in the order in which tasks settle. */
export class AsTheyCome<I extends Item> extends Set<I> implements Items<I> {
  next(settled: I | undefined): I | undefined {
    return settled !== undefined && this.delete(settled) ? settled : undefined;
  }
}

/** Results in the order of the inputs. A finished item waits behind an unfinished one. */
export class InOrder<I extends Item> extends Deque<I> implements Items<I> {
  add(item: I): void {
    this.push(item);
  }

  next(): I | undefined {
    return this.first?.future.isSettled ? this.shift() : undefined;
  }
}
