/** Operators that keep a Future a Future: what `pipe` looks for. */
import type { OperatorFunction } from 'rxjs';
import type { Future } from './future.js';

export const stage: unique symbol = Symbol.for('rx-futures.stage') as never;

/**
 * An operator that makes a Future of a Future; on any other Observable it is an operator like all others.
 *
 * ```ts
 * const title: FutureOperator<string, string> = chain((html) => html.slice(4, -5));
 * console.log(await fetchPage('data:,<h1>Tea</h1>').pipe(title));
 * // Output:
 * // Tea
 * ```
 */
export interface FutureOperator<T, R> extends OperatorFunction<T, R> {
  /** Marks it; what it holds is the library's own affair. */
  readonly [stage]: unknown;
}

/** What an operator does between two futures. */
export interface Stage {
  /** The future that follows `source`. */
  attach(source: Future<any>): Future<any>;
  /** This stage and the next one as a single one, where they can run back to back without a future between them. */
  join?(next: Stage): Stage | undefined;
}

export function isFutureOperator(operator: unknown): operator is FutureOperator<any, any> {
  return typeof operator === 'function' && stage in operator;
}

/** Makes an operator of both kinds. */
export function makeOperator<T, R>(operator: OperatorFunction<T, R>, between: Stage): FutureOperator<T, R> {
  return Object.assign((source: Parameters<typeof operator>[0]) => operator(source), { [stage]: between });
}

/** Steps of one `pipe()` call that can be joined have no future of their own that anyone could hold. */
export function pipeFutures(source: Future<any>, operators: readonly FutureOperator<any, any>[]): Future<any> {
  let future = source;
  let current: Stage | undefined;
  for (const operator of operators) {
    const next = operator[stage] as Stage;
    const joined = current?.join?.(next);
    if (current !== undefined && joined === undefined) future = current.attach(future);
    current = joined ?? next;
  }
  return current === undefined ? future : current.attach(future);
}
