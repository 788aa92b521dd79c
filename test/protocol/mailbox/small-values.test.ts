import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_LETTER_WORDS, SmallValueReader, SmallValueWriter } from '../../../src/protocol/mailbox/small-values.js';

describe('small values', () => {
  it.each([
    0,
    -0,
    1,
    -1,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 31,
    2 ** 53,
    0.1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.MIN_VALUE,
    true,
    false,
    null,
    undefined,
    '',
    'a',
    'ab',
    'grüße',
    '😀',
    '\ud800',
    '\uffff',
    '\uffffb',
  ])('%j arrives as it is', (value) => {
    expect(copyOf(value)).toBe(value);
  });

  it('plain arrays and objects arrive like a structured clone', () => {
    const value = { id: 1, name: 'x', none: undefined, list: [1, [], {}, null], 7: 'seven', '': -0 };
    expect(copyOf(value)).toEqual(structuredClone(value));
    expect(Object.keys(copyOf(value) as object)).toEqual(Object.keys(value));
  });

  it('every JSON value that is written arrives like its structured clone', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = copyOf(value);
        if (copy !== REFUSED) expect(copy).toStrictEqual(structuredClone(value));
      }),
    );
  });

  it('every string and every number that is written arrives', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer(), fc.string({ unit: 'binary', maxLength: 128 })), (value) => {
        expect(copyOf(value)).toBe(value);
      }),
    );
  });

  const shared = {};
  const cycle: unknown[] = [];
  cycle.push(cycle);
  it.each([
    ['a function', () => {}],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['a Date', new Date(0)],
    ['a Map', new Map()],
    ['an error', new Error('e')],
    ['bytes', new Uint8Array(1)],
    ['an instance of a class', new (class Point {})()],
    ['an instance of a subclass of Array', new (class List extends Array {})()],
    ['an object without a prototype', Object.create(null)],
    ['a sparse array', new Array(3)],
    ['an array with a property', Object.assign([1], { more: 1 })],
    ['an object with the key "__proto__"', JSON.parse('{"__proto__": 1}')],
    ['an object that occurs twice', [shared, shared]],
    ['a cycle', cycle],
    ['a long string', 'x'.repeat(129)],
    ['a long array', new Array(MAX_LETTER_WORDS).fill(0)],
    ['many objects', Array.from({ length: 20 }, () => ({}))],
  ])('%s is refused', (_, value) => {
    expect(copyOf(value)).toBe(REFUSED);
    expect(copyOf({ deep: [value] })).toBe(REFUSED);
  });

  it('a value that needs one word more than there is room is refused, and the words stay inside', () => {
    for (const last of [1, 0.5, 'ab', true, [], {}]) {
      const writer = new SmallValueWriter();
      for (let i = 0; i < MAX_LETTER_WORDS; i++) expect(writer.addInteger(i)).toBe(true);
      expect(writer.add(last)).toBe(false);
      expect(writer.addDouble(1)).toBe(false);
      expect(writer.length).toBe(MAX_LETTER_WORDS);
    }
  });

  it('only integers of 32 bits are integers', () => {
    const writer = new SmallValueWriter();
    expect([2 ** 31, 0.5, Number.NaN].map((value) => writer.addInteger(value))).toEqual([false, false, false]);
    expect([2 ** 31 - 1, -(2 ** 31)].map((value) => writer.addInteger(value))).toEqual([true, true]);
  });
});

const REFUSED = Symbol('refused');

/** Writes a value and reads it. The words cross the end of the ring. */
function copyOf(value: unknown): unknown {
  const writer = new SmallValueWriter();
  if (!writer.add(value)) return REFUSED;
  const ring = new Int32Array(MAX_LETTER_WORDS);
  const mask = MAX_LETTER_WORDS - 1;
  const reader = new SmallValueReader(ring, mask);
  reader.at = MAX_LETTER_WORDS - 2;
  for (let i = 0; i < writer.length; i++) ring[(reader.at + i) & mask] = writer.words[i]!;
  const copy = reader.value();
  expect(reader.at).toBe(MAX_LETTER_WORDS - 2 + writer.length);
  return copy;
}
