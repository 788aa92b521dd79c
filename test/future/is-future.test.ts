import { Deferred, Future } from 'rx-futures';
import { Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { isFuture } from '../../src/future/is-future.js';

describe('isFuture', () => {
  it.each<[what: string, value: unknown, result: boolean]>([
    ['a future', new Deferred().future, true],
    ['a settled future', Future.resolve(1), true],
    ['an Observable', new Observable(), false],
    ['a Deferred', new Deferred(), false],
    ['a promise', Promise.resolve(), false],
    ['a thenable', { then() {} }, false],
    ['an object with the same key', { _producer: {} }, false],
    ['nothing', undefined, false],
  ])('%s is recognized for what it is', (_, value, result) => {
    expect(isFuture(value)).toBe(result);
  });

  it('a revoked Proxy is not a future, and causes no error', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(isFuture(proxy)).toBe(false);
  });
});
