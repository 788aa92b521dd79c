import { all, Deferred, Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { cancelledFuture, ending, failure } from '../support/ended.js';

describe('all', () => {
  it('all resolves with the values in the order of the input, not in the order of settlement', () => {
    const [a, b] = [new Deferred<number>(), new Deferred<string>()];
    const future = all([a.future, b.future, Future.resolve(true)]);
    b.resolve('b');
    expect(ending(future)).toBe('running');
    a.resolve(1);
    expect(ending(future)).toBe('fulfilled [1,"b",true]');
  });

  it('the first failure rejects all with the same error', () => {
    const [a, b] = [new Deferred<number>(), new Deferred<number>()];
    const future = all([a.future, b.future]);
    b.reject(failure);
    a.reject(new Error('later'));
    expect(future.outcome?.status === 'rejected' && future.outcome.reason).toBe(failure);
  });

  it('a cancelled input future cancels all', () => {
    expect(ending(all([new Deferred<number>().future, cancelledFuture()]))).toBe('cancelled enough');
  });

  it('the first failure in the input decides, if several input futures have already settled', () => {
    expect(ending(all([Future.resolve(1), cancelledFuture(), Future.reject(failure)]))).toBe('cancelled enough');
    expect(ending(all([Future.reject(failure), cancelledFuture()]))).toBe('rejected Error: lost');
  });

  it('all of an empty input is fulfilled with an empty array', () => {
    expect(ending(all([]))).toBe('fulfilled []');
  });
});
