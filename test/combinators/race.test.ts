import { Deferred, Future, race } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { cancelledFuture, ending, failure } from '../support/ended.js';

describe('race', () => {
  it.each<[string, (deferred: Deferred<string>) => unknown, string]>([
    ['fulfilled', (deferred) => deferred.resolve('a'), 'fulfilled a'],
    ['rejected', (deferred) => deferred.reject(failure), 'rejected Error: lost'],
    ['cancelled', (deferred) => deferred.cancel('enough'), 'cancelled enough'],
  ])('ends as the first member does: %s', (_name, settle, expected) => {
    const [slow, fast] = [new Deferred<string>(), new Deferred<string>()];
    const future = race([slow.future, fast.future]);
    settle(fast);
    slow.resolve('slow');
    expect(ending(future)).toBe(expected);
  });

  it('ends as the first in the input does, of those that have settled', () => {
    expect(ending(race([new Deferred<string>().future, cancelledFuture(), Future.resolve(1)]))).toBe(
      'cancelled enough',
    );
  });

  it('of nothing is refused at the call, since it would never end', () => {
    expect(() => race([])).toThrow(
      new RangeError('race(): expected one Future or more; without any it would never settle'),
    );
  });
});
