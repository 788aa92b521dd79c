import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../../src/protocol/stream/value-size.js';

describe('sizeOf', () => {
  it.each<[string, unknown, number]>([
    ['a number', 1.5, 8],
    ['nothing', undefined, 8],
    ['null', null, 8],
    ['a boolean', true, 8],
    ['an empty text', '', 8],
    ['a text', 'abc', 11],
    ['a text of two bytes per character', '日本語', 14],
    ['a long text', 'x'.repeat(1_000), 1_008],
    ['a long text of two bytes per character', '日'.repeat(1_000), 2_008],
    ['a view', new Uint8Array(100), 108],
    ['a Buffer', Buffer.alloc(100), 108],
    ['a DataView', new DataView(new ArrayBuffer(100)), 108],
    ['a part of a buffer, which travels whole', new Uint8Array(100).subarray(0, 1), 108],
    ['a buffer', new ArrayBuffer(100), 108],
    ['shared memory, which does not travel', new Uint8Array(new SharedArrayBuffer(100)), 8],
    ['a date', new Date(0), 8],
    ['an object', { ab: 1 }, 8 + 2 + 8],
    ['an array', [1, 'a'], 8 + 8 + 9],
    ['a Map', new Map([['a', 1]]), 8 + 9 + 8],
    ['a Set', new Set(['a']), 8 + 9],
    ['a buffer inside', { a: [new Uint8Array(50)] }, 8 + 1 + 8 + 58],
  ])('%s has a size', (_, value, size) => {
    expect(sizeOf(value)).toBe(size);
  });

  it('a large array counts whole, although only its first 1,000 parts are measured', () => {
    expect(sizeOf(Array(100_000).fill(1))).toBe(8 + 8 * 100_000);
    const rows = Array.from({ length: 5_000 }, () => Array(99).fill(1));
    expect(sizeOf(rows) / (5_000 * 100 * 8)).toBeCloseTo(1, 1);
  });

  it('a large Map, a large Set and an object of many keys count whole', () => {
    const numbers = Array.from({ length: 10_000 }, (_, i) => i);
    expect(sizeOf(new Set(numbers))).toBe(8 + 80_000);
    expect(sizeOf(new Map(numbers.map((n) => [n, n])))).toBe(8 + 160_000);
    expect(sizeOf(Object.fromEntries(numbers.map((n) => [`k${10_000 + n}`, n])))).toBe(8 + 10_000 * 14);
  });

  it('a value that contains itself has a size', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(sizeOf(cycle)).toBeGreaterThan(8);
  });

  it('a getter that throws does not throw here', () => {
    const value = {
      get fails(): never {
        throw new Error('a getter');
      },
    };
    expect(sizeOf(value)).toBe(8);
  });

  it('the size of random data is at least half of what V8 writes, and a text is never less', () => {
    const data = fc.jsonValue({ maxDepth: 4 });
    fc.assert(
      fc.property(data, (value) => {
        expect(sizeOf(value)).toBeGreaterThanOrEqual(serialize(value).byteLength / 2 - 8);
      }),
    );
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        expect(sizeOf(text)).toBeGreaterThanOrEqual(serialize(text).byteLength - 8);
      }),
    );
  });
});
