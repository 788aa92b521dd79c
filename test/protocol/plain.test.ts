import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LazyValue } from '../../src/protocol/lazy-value.js';
import { copyOrWrite, copyPlain, isCopy, isImmutable, NOT_PLAIN, TOO_LARGE } from '../../src/protocol/plain.js';

describe('isImmutable', () => {
  it('primitives cannot change, and symbols count as changeable because they cannot be sent', () => {
    expect([1, 'a', null, undefined, true, 1n].every(isImmutable)).toBe(true);
    expect([{}, [], () => {}, Symbol('s')].some(isImmutable)).toBe(false);
  });
});

describe('copyPlain', () => {
  it('a copy equals the original, and shares no object with it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const copy = copyPlain(value);
        if (!isCopy(copy)) return;
        expect(copy).toEqual(structuredClone(value));
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  it('a copy of a Map, a Set or a Date equals its structured clone, and shares no part with it', () => {
    const key = { id: 1 };
    const value = {
      orders: new Map<unknown, unknown>([
        [key, new Set(['a', -0, Number.NaN])],
        ['at', new Date(5)],
      ]),
      never: new Date(Number.NaN),
    };
    const copy = copyPlain(value) as typeof value;
    expect(copy).toEqual(structuredClone(value));
    const [ownKey, ownSet] = [...copy.orders][0]!;
    expect(ownKey).not.toBe(key);
    expect(ownSet).not.toBe(value.orders.get(key));
    expect(copy.orders.get('at')).not.toBe(value.orders.get('at'));
  });

  const shared = {};
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  it.each<[what: string, value: unknown]>([
    ['an instance of a class', { pattern: /a/ }],
    ['a subclass of Map', new (class Registry extends Map {})()],
    ['a Map with a property', Object.assign(new Map(), { name: 'one' })],
    ['a Set with a method of its own', Object.assign(new Set(), { [Symbol.asyncIterator]: () => {} })],
    ['a Map that contains a function', new Map([['f', () => {}]])],
    ['a function', [() => {}]],
    ['a cycle', cycle],
    ['a part that occurs twice', [shared, shared]],
    ['a sparse array', new Array(3)],
    ['an array with a property', Object.assign([1], { name: 'one' })],
    ['the key __proto__', JSON.parse('{ "__proto__": {} }')],
  ])('%s is left to structuredClone', (_, value) => {
    expect(copyPlain(value)).toBe(NOT_PLAIN);
  });

  it.each<[what: string, value: unknown]>([
    ['a long array', Array.from({ length: 1_001 })],
    ['a large Map', new Map(Array.from({ length: 1_001 }, (_, i) => [i, i]))],
    ['a large Set in an object', { ids: new Set(Array.from({ length: 1_001 }, (_, i) => i)) }],
    ['many objects', Array.from({ length: 24 }, () => ({}))],
    ['a Map of many objects', new Map(Array.from({ length: 24 }, (_, i) => [i, {}]))],
  ])('%s is too large for the loop', (_, value) => {
    expect(copyPlain(value)).toBe(TOO_LARGE);
  });

  it.each([Map, Set, Date])('an object that only inherits from %o throws', ({ prototype }) => {
    expect(() => copyPlain(Object.create(prototype))).toThrow(TypeError);
  });

  it('a getter that throws throws here, and the next copy works', () => {
    const hostile = {
      get value() {
        throw new Error('in the getter');
      },
    };
    expect(() => copyPlain([hostile])).toThrow('in the getter');
    expect(copyPlain([1])).toEqual([1]);
  });

  it('a getter may copy another value meanwhile', () => {
    const value = {
      list: [1],
      get other() {
        return copyPlain({ list: [2] });
      },
    };
    expect(copyPlain(value)).toEqual({ list: [1], other: { list: [2] } });
  });
});

describe('copyOrWrite', () => {
  /** Returns a value with so many objects that it is large. */
  const many = (part: unknown) => Array.from({ length: 40 }, (_, id) => ({ id, part: structuredClone(part) }));

  it('a small value is copied', () => {
    expect(copyOrWrite({ list: [1, undefined] })).toEqual({ list: [1, undefined] });
  });

  it('JSON of a large value is read as its structured clone', () => {
    const leaf = fc.oneof(fc.string({ unit: 'binary' }), fc.boolean(), fc.constant(null), fc.integer(), fc.double());
    const part = fc.oneof(leaf, fc.array(leaf), fc.dictionary(fc.string(), leaf));
    let written = 0;
    fc.assert(
      fc.property(fc.array(part, { minLength: 20, maxLength: 60 }), (value) => {
        const copy = copyOrWrite(value);
        if (!isCopy(copy)) return;
        if (copy instanceof LazyValue) written++;
        expect(copy instanceof LazyValue ? copy.decode() : copy).toStrictEqual(structuredClone(value));
      }),
    );
    expect(written).toBeGreaterThan(0);
  });

  it('JSON is written of many objects and of a long array of strings', () => {
    for (const value of [many([1, 'a', null, true]), Array.from({ length: 2_000 }, (_, i) => `text ${i}`)]) {
      const copy = copyOrWrite(value) as LazyValue;
      expect(copy.data).toBe(JSON.stringify(value));
    }
  });

  it.each<[what: string, part: unknown]>([
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['-0', -0],
    ['a bigint', 1n],
    ['a Date', new Date(5)],
    ['a Map', new Map()],
  ])('%s in a large value is left to bytes, because JSON would lose it', (_, part) => {
    expect(copyOrWrite([...many(1), { part }])).toBe(TOO_LARGE);
    expect(copyOrWrite([{ part }, ...many(1)])).toBe(TOO_LARGE);
  });

  it('many numbers with fractions are left to bytes, because JSON would be slower', () => {
    expect(copyOrWrite(Array.from({ length: 100 }, (_, i) => ({ x: i / 3, y: i / 7 })))).toBe(TOO_LARGE);
    expect(copyOrWrite(Array.from({ length: 5_000 }, (_, i) => i))).toBe(TOO_LARGE);
  });

  it.each<[what: string, make: () => unknown]>([
    ['a function', () => () => {}],
    ['an instance of a class', () => /a/],
    ['a sparse array', () => new Array(3)],
  ])('%s far behind in a large value is left to structuredClone', (_, make) => {
    expect(copyOrWrite([...many(1), { part: make() }])).toBe(NOT_PLAIN);
  });

  it('a part that occurs twice is found behind many others', () => {
    const values = many(1);
    expect(copyOrWrite([...values, values[35]])).toBe(NOT_PLAIN);
    expect(copyOrWrite([...values, values])).toBe(NOT_PLAIN);
  });

  it('a getter runs once, so the text has the value that was checked', () => {
    let calls = 0;
    const counter = {
      get value() {
        return ++calls === 1 ? 'first' : undefined;
      },
    };
    const copy = copyOrWrite([...many(1), counter]) as LazyValue;
    expect([(copy.decode() as unknown[])[40], calls]).toEqual([{ value: 'first' }, 1]);
  });

  it('a program with a toJSON method for all objects gets no JSON', () => {
    const prototype = Object.prototype as { toJSON?: () => string };
    Object.defineProperty(prototype, 'toJSON', { value: () => 'changed', configurable: true });
    try {
      expect(copyOrWrite(many(1))).toBe(TOO_LARGE);
    } finally {
      delete prototype.toJSON;
    }
  });

  it('the next value is judged alone', () => {
    expect(copyOrWrite([...many(1), undefined, {}])).toBe(TOO_LARGE);
    expect(copyOrWrite(many(1))).toBeInstanceOf(LazyValue);
  });
});
