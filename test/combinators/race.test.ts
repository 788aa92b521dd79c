import { Deferred, Future, race } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { cancelledFuture, ending, failure } from '../support/ended.js';

describe('race', () => {
  it.each<[string, (deferred: Deferred<string>) => unknown, string]>([
    ['fulfilled', (deferred) => deferred.resolve('a'), 'fulfilled a'],
    ['rejected', (deferred) => deferred.reject(failure), 'rejected Error: lost'],
    ['cancelled', (deferred) => deferred.cancel('enough'), 'cancelled enough'],
  ])('race settles as the first input future does: %s', (_name, settle, expected) => {
    const [slow, fast] = [new Deferred<string>(), new Deferred<string>()];
    const future = race([slow.future, fast.future]);
    settle(fast);
    slow.resolve('slow');
    expect(ending(future)).toBe(expected);
  });

  it('the first settled future in the input decides, if several have already settled', () => {
    expect(ending(race([new Deferred<string>().future, cancelledFuture(), Future.resolve(1)]))).toBe(
      'cancelled enough',
    );
  });

  it('race of an empty input throws at the call, because it would never settle', () => {
    expect(() => race([])).toThrow(
      new RangeError(
        'race(): the input contains no futures, so the result would never settle. Pass at least one Future.',
      ),
    );
  });
});
