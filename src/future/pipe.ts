/**
 * The `pipe` of a future: its overloads, and the function behind them. Operators of this library
 * keep the Future. Any other operator makes an Observable.
 */
import { Observable, type OperatorFunction } from 'rxjs';
import type { Future } from './future.js';
import { type Connector, connector, type FutureOperator, isFutureOperator } from './future-operator.js';

/**
 * The overloads of `pipe` that return a Future. The type of `Future.pipe` continues with the
 * overloads of RxJS.
 *
 * Their order is a part of the contract. TypeScript pairs the overloads of two types from the end
 * when it infers the value of a future that is passed as an Observable.
 */
export interface FuturePipe<T, Self> {
  <A>(op1: FutureOperator<T, A>): Future<A>;
  <A, B>(op1: FutureOperator<T, A>, op2: FutureOperator<A, B>): Future<B>;
  <A, B, C>(op1: FutureOperator<T, A>, op2: FutureOperator<A, B>, op3: FutureOperator<B, C>): Future<C>;
  <A, B, C, D>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
  ): Future<D>;
  <A, B, C, D, E>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
  ): Future<E>;
  <A, B, C, D, E, F>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
    op6: FutureOperator<E, F>,
  ): Future<F>;
  <A, B, C, D, E, F, G>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
    op6: FutureOperator<E, F>,
    op7: FutureOperator<F, G>,
  ): Future<G>;
  <A, B, C, D, E, F, G, H>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
    op6: FutureOperator<E, F>,
    op7: FutureOperator<F, G>,
    op8: FutureOperator<G, H>,
  ): Future<H>;
  <A, B, C, D, E, F, G, H, I>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
    op6: FutureOperator<E, F>,
    op7: FutureOperator<F, G>,
    op8: FutureOperator<G, H>,
    op9: FutureOperator<H, I>,
  ): Future<I>;
  (): Self;
}

/** The implementation of `Future.pipe`. */
export function pipe(this: Future<any>, ...operators: OperatorFunction<any, any>[]): Observable<any> {
  if (operators.every(isFutureOperator)) return pipeFutures(this, operators);
  return Reflect.apply(Observable.prototype.pipe, this, operators);
}

/**
 * Applies operators to a future. Steps of one `pipe()` call that can be joined have no futures of
 * their own, because no code could hold such a future.
 */
function pipeFutures(source: Future<any>, operators: readonly FutureOperator<any, any>[]): Future<any> {
  let future = source;
  let current: Connector | undefined;
  for (const operator of operators) {
    const next = operator[connector] as Connector;
    const joined = current?.join?.(next);
    if (current !== undefined && joined === undefined) future = current.attach(future);
    current = joined ?? next;
  }
  return current === undefined ? future : current.attach(future);
}
