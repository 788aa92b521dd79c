/** The parts of values that are walked before they are sent, and when they have arrived. */
import { describe, expect, it } from 'vitest';
import { pushEntries, pushProperties } from '../../src/protocol/parts.js';

describe('the parts of a value', () => {
  const one = { name: 'one' };
  const two = { name: 'two' };

  it.each([
    ['a Map has its keys and its values', new Map([[one, two]]), [one, two]],
    ['a Set has its items', new Set([one, 2, two]), [one, two]],
  ])('%s', (_, value, expected) => {
    const open: unknown[] = [];
    expect(pushEntries(value, open)).toBe(true);
    expect(open).toEqual(expected);
  });

  it('other objects have no entries', () => {
    const open: unknown[] = [];
    expect([pushEntries([one], open), pushEntries({ one }, open), open]).toEqual([false, false, []]);
  });

  it('an object has its own properties, without primitives and null', () => {
    const open: unknown[] = [];
    pushProperties({ one, text: 'text', nothing: null, two }, open);
    expect(open).toEqual([one, two]);
  });

  it('an error has its cause, which is not enumerable', () => {
    const open: unknown[] = [];
    pushProperties(new Error('lost', { cause: one }), open);
    expect(open).toEqual([one]);
  });

  it('a long array has its items alone, because its keys would be slow to read', () => {
    const open: unknown[] = [];
    pushProperties(Object.assign(new Array(10_001).fill(1), { 5: one, extra: two }), open);
    expect(open).toEqual([one]);
  });

  it('a getter that throws is left out', () => {
    const open: unknown[] = [];
    pushProperties(
      {
        get broken() {
          throw new Error('broken');
        },
        one,
      },
      open,
    );
    expect(open).toEqual([one]);
  });
});
