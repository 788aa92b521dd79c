import { allSettled, Deferred, Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { cancelledFuture, ending, failure, show } from '../support/ended.js';

describe('allSettled', () => {
  it('allSettled resolves with all outcomes in the order of the input, and is never rejected', async () => {
    const deferred = new Deferred<string>();
    const futures = [deferred.future, Future.reject(failure), cancelledFuture(), Future.resolve(1)] as const;
    const future = allSettled(futures);
    expect(ending(future)).toBe('running');
    deferred.resolve('a');
    const outcomes = await future;
    expect(outcomes.map(show)).toEqual(['fulfilled a', 'rejected Error: lost', 'cancelled enough', 'fulfilled 1']);
    expect(outcomes.map((outcome) => outcome.future)).toEqual(futures);
  });

  it('allSettled of an empty input is fulfilled with an empty array', () => {
    expect(ending(allSettled([]))).toBe('fulfilled []');
  });
});
