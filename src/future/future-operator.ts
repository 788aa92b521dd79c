/** Operators that return a Future for a Future. `Future.pipe` recognizes them. */
import type { OperatorFunction } from 'rxjs';
import type { Future } from './future.js';

export const stage: unique symbol = Symbol.for('rx-futures.stage') as never;

/**
 * An operator that returns a Future for a Future. For any other Observable it is an ordinary RxJS
 * operator.
 *
 * ```ts
 * const title: FutureOperator<string, string> = chain((html) => html.slice(4, -5));
 * console.log(await fetchPage('data:,<h1>Tea</h1>').pipe(title));
 * // Output:
 * // Tea
 * ```
 */
export interface FutureOperator<T, R> extends OperatorFunction<T, R> {
  /** Marks the operator. The value is internal. */
  readonly [stage]: unknown;
}

/** The work of an operator between two futures. */
export interface Stage {
  /** Returns the future that follows `source`. */
  attach(source: Future<any>): Future<any>;
  /**
   * Returns one stage that does the work of this one and of `next` without a future between them.
   * Returns undefined if the two can't be joined.
   */
  join?(next: Stage): Stage | undefined;
}

export function isFutureOperator(operator: unknown): operator is FutureOperator<any, any> {
  return typeof operator === 'function' && stage in operator;
}

/** Makes an operator that handles both Futures and other Observables. */
export function makeOperator<T, R>(operator: OperatorFunction<T, R>, between: Stage): FutureOperator<T, R> {
  return Object.assign((source: Parameters<typeof operator>[0]) => operator(source), { [stage]: between });
}
