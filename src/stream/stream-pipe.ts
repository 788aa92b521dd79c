/** The types of `pipe` on a ResultStream. If the last operator returns one, so does `pipe`. */
import type { Observable, OperatorFunction } from 'rxjs';
import type { ResultStream } from './result-stream.js';

/** An operator that returns a ResultStream, which can be iterated at the reader's pace. */
export type StreamOperator<T, R> = (source: Observable<T>) => ResultStream<R>;

/**
 * The overloads of `pipe` that return a ResultStream. The type of `ResultStream.pipe` continues
 * with the overloads of RxJS.
 */
export interface StreamPipe<T> {
  <A>(op1: StreamOperator<T, A>): ResultStream<A>;
  <A, B>(op1: OperatorFunction<T, A>, op2: StreamOperator<A, B>): ResultStream<B>;
  <A, B, C>(op1: OperatorFunction<T, A>, op2: OperatorFunction<A, B>, op3: StreamOperator<B, C>): ResultStream<C>;
  <A, B, C, D>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: StreamOperator<C, D>,
  ): ResultStream<D>;
  <A, B, C, D, E>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: StreamOperator<D, E>,
  ): ResultStream<E>;
  <A, B, C, D, E, F>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: StreamOperator<E, F>,
  ): ResultStream<F>;
  <A, B, C, D, E, F, G>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: OperatorFunction<E, F>,
    op7: StreamOperator<F, G>,
  ): ResultStream<G>;
  <A, B, C, D, E, F, G, H>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: OperatorFunction<E, F>,
    op7: OperatorFunction<F, G>,
    op8: StreamOperator<G, H>,
  ): ResultStream<H>;
  <A, B, C, D, E, F, G, H, I>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: OperatorFunction<E, F>,
    op7: OperatorFunction<F, G>,
    op8: OperatorFunction<G, H>,
    op9: StreamOperator<H, I>,
  ): ResultStream<I>;
}
