import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyPlain, isImmutable, NOT_PLAIN } from '../../src/protocol/plain.js';

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
        if (copy === NOT_PLAIN) return;
        expect(copy).toEqual(structuredClone(value));
        if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
      }),
    );
  });

  const shared = {};
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  it.each<[what: string, value: unknown]>([
    ['an instance of a class', { date: new Date() }],
    ['a function', [() => {}]],
    ['a cycle', cycle],
    ['a part that occurs twice', [shared, shared]],
    ['a sparse array', new Array(3)],
    ['an array with a property', Object.assign([1], { name: 'one' })],
    ['a long array', Array.from({ length: 1_001 })],
    ['many objects', Array.from({ length: 24 }, () => ({}))],
    ['the key __proto__', JSON.parse('{ "__proto__": {} }')],
  ])('%s is left to structuredClone', (_, value) => {
    expect(copyPlain(value)).toBe(NOT_PLAIN);
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
