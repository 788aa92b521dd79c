import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors.js';
import { cancelHeadline, failureHeadline, wireCancelHeadline } from '../../../src/protocol/queue/headlines.js';
import { encodeError } from '../../../src/protocol/wire-error.js';

describe('failureHeadline', () => {
  it.each<[unknown, string]>([
    [new RangeError('odd'), 'RangeError: odd'],
    ['text', 'text'],
    [{ code: 7 }, '{"code":7}'],
    [undefined, 'undefined'],
    [{ big: 5n }, 'an object'],
    [new Error('x'.repeat(2_000)), `Error: ${'x'.repeat(993)}`],
  ])('the headline of %s is %s', (failure, headline) => {
    expect(failureHeadline(failure)).toBe(headline);
  });
});

describe('cancelHeadline', () => {
  it.each<[unknown, string]>([
    ['the user has left', 'CancelledError: the user has left'],
    [{ mark: 5 }, 'CancelledError: {"mark":5}'],
    [new Error('enough'), 'CancelledError: Error: enough'],
    [new CancelledError(), 'CancelledError: The future was cancelled.'],
  ])('the headline of the reason %s is the same on both sides', (reason, headline) => {
    expect(cancelHeadline(reason)).toBe(headline);
    expect(wireCancelHeadline(encodeError(reason))).toBe(headline);
  });
});
