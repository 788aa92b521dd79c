import { all, Deferred, Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { cancelledFuture, ending, failure } from '../support/ended.js';

describe('all', () => {
  it('gives the values in the order of the input, not of settlement', () => {
    const [a, b] = [new Deferred<number>(), new Deferred<string>()];
    const future = all([a.future, b.future, Future.resolve(true)]);
    b.resolve('b');
    expect(ending(future)).toBe('running');
    a.resolve(1);
    expect(ending(future)).toBe('fulfilled [1,"b",true]');
  });

  it('is rejected by the first failure, with the very same error', () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const future = all([a.future, b.future]);
    b.reject(failure);
    a.reject(new Error('later'));
    expect(future.outcome?.status === 'rejected' && future.outcome.reason).toBe(failure);
  });

  it('is cancelled by a member that is', () => {
    expect(ending(all([new Deferred<number>().future, cancelledFuture()]))).toBe('cancelled enough');
  });

  it('ends as the first in the input does, of those that have settled', () => {
    expect(ending(all([Future.resolve(1), cancelledFuture(), Future.reject(failure)]))).toBe('cancelled enough');
    expect(ending(all([Future.reject(failure), cancelledFuture()]))).toBe('rejected Error: lost');
  });

  it('of nothing is fulfilled with nothing', () => {
    expect(ending(all([]))).toBe('fulfilled []');
  });
});
