import { any, Deferred, Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { cancelledFuture, ending, failure } from '../support/ended.js';

describe('any', () => {
  it('any resolves with the first value, even if other futures fail before', () => {
    const [a, b] = [new Deferred<string>(), new Deferred<string>()];
    const future = any([Future.reject(failure), cancelledFuture(), a.future, b.future]);
    b.resolve('b');
    a.resolve('a');
    expect(ending(future)).toBe('fulfilled b');
  });

  it('any is rejected with all reasons, in the order of the input, if no future is fulfilled', () => {
    const [a, b] = [new Deferred<string>(), new Deferred<string>()];
    const cancelled = cancelledFuture();
    const future = any([a.future, b.future, cancelled]);
    const [first, second] = [new Error('first'), new Error('second')];
    b.reject(second);
    a.reject(first);
    const { outcome } = future;
    const error = outcome?.status === 'rejected' ? outcome.reason : undefined;
    expect(error).toBeInstanceOf(AggregateError);
    expect((error as AggregateError).message).toBe('any(): all 3 futures were rejected or cancelled. See "errors".');
    const gone = cancelled.outcome?.status === 'cancelled' ? cancelled.outcome.reason : undefined;
    expect((error as AggregateError).errors).toEqual([first, second, gone]);
  });

  it('any of an empty input is rejected', () => {
    expect(ending(any([]))).toBe(
      'rejected AggregateError: any(): the input contains no futures. Pass at least one Future.',
    );
  });
});
