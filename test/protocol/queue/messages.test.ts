/** Messages of a queue, which anyone may have written. */
import { describe, expect, it } from 'vitest';
import { REPORT_FULFILLED, REPORT_REJECTED } from '../../../src/protocol/messages.js';
import {
  decodeMessages,
  encodeMessages,
  isWireError,
  outcomeNow,
  payloadOf,
  type ToClient,
  type ToServer,
} from '../../../src/protocol/queue/messages.js';
import { errorText, toText } from '../../../src/protocol/queue/value-text.js';
import { encodeError } from '../../../src/protocol/wire-error.js';

const reason = errorText(new Error('enough'));
const settled = outcomeNow(7, 1, REPORT_FULFILLED, toText('done'));
const valid: readonly (ToClient | ToServer)[] = [
  settled,
  { type: 'cancel', id: 7, attempt: 1, reason },
  { type: 'credit', id: 7, count: 16 },
  { type: 'watch', id: 7, client: 'client-1' },
];

describe('decodeMessages()', () => {
  it('messages are read as they were written, in their order', () => {
    expect(decodeMessages(encodeMessages(valid))).toEqual(valid);
  });

  it.each<[string, object]>([
    ['an unknown type', { type: 'stop', id: 7 }],
    ['the name of a method as its type', { type: 'toString', id: 7 }],
    ['no id', { type: 'credit', count: 16 }],
    ['the id 0', { type: 'credit', id: 0, count: 16 }],
    ['a negative credit', { type: 'credit', id: 7, count: -1 }],
    ['an outcome without times', { ...settled, started: undefined }],
    ['an outcome whose payload is no text', { ...settled, payload: {} }],
    ['a cancel whose reason is no error', { type: 'cancel', id: 7, attempt: 1, reason: '"enough"' }],
    ['a client with a long name', { type: 'watch', id: 7, client: 'x'.repeat(100_000) }],
  ])('a message with %s is ignored, and the others are read', (_what, message) => {
    expect(decodeMessages(JSON.stringify([message, settled]))).toEqual([settled]);
  });

  it.each(['', 'hello', '{}', 'null', '[1, null, "text"]'])('the text "%s" contains no messages', (text) => {
    expect(decodeMessages(text)).toEqual([]);
  });
});

describe('payloadOf()', () => {
  it('the payload of an outcome is its value or its error', () => {
    expect(payloadOf(settled)).toEqual({ value: 'done' });
    expect(payloadOf(outcomeNow(7, 1, REPORT_REJECTED, reason))?.value).toMatchObject({ message: 'enough' });
  });

  it.each([
    ['that is stored elsewhere', { ...settled, payload: undefined as never }],
    ['that cannot be read', { ...settled, payload: 'nonsense' }],
    ['of an unknown kind', { ...settled, kind: 99 }],
    ['that should be an error and is none', { ...settled, kind: REPORT_REJECTED }],
  ])('a payload %s is undefined', (_what, outcome) => {
    expect(payloadOf(outcome)).toBe(undefined);
  });
});

describe('isWireError()', () => {
  it('an error with a cause and errors of its own is valid', () => {
    const error = new AggregateError([new Error('a'), 'b'], 'all', { cause: new RangeError('odd') });
    expect(isWireError(encodeError(error))).toBe(true);
  });

  it('an error with a wrong part, at any depth, is not valid', () => {
    const wire = encodeError(new Error('odd')) as object;
    expect(isWireError({ ...wire, message: 7 })).toBe(false);
    expect(isWireError({ ...wire, cause: { ...wire, classes: [7] } })).toBe(false);
    expect(isWireError(undefined)).toBe(false);
  });

  it('an error with more than 1,000 parts is not valid, because each part costs time', () => {
    const wire = encodeError(new Error('odd')) as object;
    expect(isWireError({ ...wire, errors: Array.from({ length: 999 }, () => wire) })).toBe(true);
    expect(isWireError({ ...wire, errors: Array.from({ length: 1_000 }, () => wire) })).toBe(false);
  });
});
