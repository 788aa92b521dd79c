import { expect, it } from 'vitest';
import { isInstance } from '../../src/protocol/instance.js';

it('an object is an instance of its class and of the classes that its class extends', () => {
  const error = new RangeError('too far');
  expect([isInstance(error, RangeError), isInstance(error, Error), isInstance(error, TypeError)]).toEqual([
    true,
    true,
    false,
  ]);
});

it('a revoked Proxy and a primitive are an instance of no class', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect([isInstance(proxy, Error), isInstance('text', Error), isInstance(undefined, Error)]).toEqual([
    false,
    false,
    false,
  ]);
});
