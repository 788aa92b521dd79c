import { SerializationError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { REPORT_CANCELLED, REPORT_FULFILLED, REPORT_REJECTED, REPORT_UNCLONABLE } from '../../src/protocol/messages.js';
import { fromText } from '../../src/protocol/queue/value-text.js';
import { decodeError, type WireError } from '../../src/protocol/wire-error.js';
import { encodeOutcome, encodeValue } from '../../src/serving/served-outcome.js';

const MAX = 1_000;
const error = new RangeError('odd');
const errorIn = (payload: string) => decodeError(fromText(payload) as WireError);

describe('encodeOutcome()', () => {
  it('a value arrives as it was', () => {
    const { kind, payload, failed } = encodeOutcome({ status: 'fulfilled', value: { n: 1 } }, false, MAX);
    expect([kind, fromText(payload), failed]).toEqual([REPORT_FULFILLED, { n: 1 }, undefined]);
  });

  it('a failure is the error, and the node has failed', () => {
    const { kind, payload, failed } = encodeOutcome(
      { status: 'rejected', reason: error, isUnsendable: false },
      false,
      MAX,
    );
    expect([kind, String(errorIn(payload)), failed]).toEqual([
      REPORT_REJECTED,
      'RangeError: odd',
      { failure: error, isCancelled: false },
    ]);
  });

  it('a cancel is marked, so that it does not hide a rejection of the job', () => {
    const { kind, failed } = encodeOutcome({ status: 'cancelled', reason: error }, false, MAX);
    expect([kind, failed]).toEqual([REPORT_CANCELLED, { failure: error, isCancelled: true }]);
  });

  it.each([
    ['rejects its future', false, REPORT_REJECTED],
    ['is marked, so that the nodes that need it continue', true, REPORT_UNCLONABLE],
  ])('a value that cannot be sent %s', (_what, isUpstream, expected) => {
    const { kind, payload } = encodeOutcome({ status: 'fulfilled', value: { f: () => {} } }, isUpstream, MAX);
    expect(kind).toBe(expected);
    expect(errorIn(payload)).toMatchObject({ code: 'ERR_SERIALIZATION', path: 'result.f' });
  });
});

describe('encodeValue()', () => {
  it('a value beyond maxPayload is a SerializationError that names the value and the option', () => {
    expect(() => encodeValue('x'.repeat(MAX + 1), 'result', MAX)).toThrow(SerializationError);
    expect(() => encodeValue('x'.repeat(MAX + 1), 'result', MAX)).toThrow(/^The result takes .*maxPayload/);
    expect(fromText(encodeValue('x', 'result', MAX))).toBe('x');
  });
});
