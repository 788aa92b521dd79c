import { inspect } from 'node:util';
import { CancelledError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { cancelledError } from '../../src/future/cancelled-error.js';

const future = { name: 'parse', id: 7 };

describe('the error of a cancelled future', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'not needed', ': not needed'],
    ['an error', new RangeError('odd'), ': odd'],
    ['a number', 404, ': 404'],
    ['an object', { user: 'ann' }, ": { user: 'ann' }"],
    ['null', null, ': null'],
  ])('%s as the reason is the cause, and its text is in the message', (_what, reason, text) => {
    const error = cancelledError(future, reason);
    expect(error).toBeInstanceOf(CancelledError);
    expect([error.message, error.cause]).toEqual([`Future "parse" (#7) was cancelled${text}`, reason]);
  });

  it('the error of a cancelled future has no cause if there is no reason', () => {
    const error = cancelledError(future, undefined);
    expect(error.message).toBe('Future "parse" (#7) was cancelled');
    expect('cause' in error).toBe(false);
  });

  it('a CancelledError is returned as it is, so that all futures of a chain have one error', () => {
    const error = new CancelledError('enough');
    expect(cancelledError(future, error)).toBe(error);
  });

  it('a reason whose text cannot be read causes no error', () => {
    const fail = () => {
      throw new Error('no text');
    };
    const error = Object.defineProperty(new Error(), 'message', { get: fail });
    for (const reason of [{ [inspect.custom]: fail }, error, new Proxy({}, { get: fail })])
      expect(cancelledError(future, reason).cause).toBe(reason);
  });
});
