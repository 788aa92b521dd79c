import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyPlain, isCopy, isImmutable, NOT_PLAIN, TOO_LARGE } from '../../src/protocol/plain.js';

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
