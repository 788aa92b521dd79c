/** Operators that return a Future for a Future. `Future.pipe` recognizes them. */
import type { OperatorFunction } from 'rxjs';
import type { Future } from './future.js';

export const connector: unique symbol = Symbol.for('rx-futures.connector') as never;

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
  readonly [connector]: unknown;
}

/** The work of an operator between two futures. */
export interface Connector {
  /** Returns the future that follows `source`. */
  attach(source: Future<any>): Future<any>;
  /**
   * Returns one connector that does the work of this one and of `next`, without a future between
   * them. Returns undefined if the two can't be joined.
   */
  join?(next: Connector): Connector | undefined;
}

export function isFutureOperator(operator: unknown): operator is FutureOperator<any, any> {
  return typeof operator === 'function' && connector in operator;
}

/** Makes an operator that handles both Futures and other Observables. */
export function makeOperator<T, R>(operator: OperatorFunction<T, R>, between: Connector): FutureOperator<T, R> {
  return Object.assign((source: Parameters<typeof operator>[0]) => operator(source), { [connector]: between });
}
