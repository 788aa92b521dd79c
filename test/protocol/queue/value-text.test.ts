/** Values as text: decoding returns the same as structuredClone. */
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesIn, fromText, readText, toText, wireText } from '../../../src/protocol/queue/value-text.js';
import { decodeError, type WireError } from '../../../src/protocol/wire-error.js';

const isJson = (text: string) => text.startsWith('=');

describe('toText', () => {
  it('toText keeps any value as structuredClone does', () => {
    const any = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
    fc.assert(
      fc.property(any, (value) => {
        expect(fromText(toText(value))).toStrictEqual(structuredClone(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('toText keeps a deeply nested value', () => {
    const nested: unknown = JSON.parse('['.repeat(2_000) + ']'.repeat(2_000));
    let depth = 0;
    for (let read = fromText(toText(nested)); Array.isArray(read); read = read[0]) depth++;
    expect(depth).toBe(2_000);
  });

  it('toText keeps any string, well-formed or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ud800', '\udc00 '), (text, half) => {
        for (const value of [text + half, [half + text]]) expect(fromText(toText(value))).toStrictEqual(value);
      }),
    );
  });

  it.each([1, -1.5, 'a', true, null, [], [1, 'a', false, null]].map((value) => [JSON.stringify(value), value]))(
    'toText writes JSON for %s',
    (_, value) => {
      expect(isJson(toText(value))).toBe(true);
    },
  );

  const match = /b/.exec('abc');
  it.each<[string, unknown]>([
    ['-0', -0],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['undefined', undefined],
    ['a BigInt', 1n],
    ['an array with undefined in it', [undefined]],
    ['an array with a hole', Array(1)],
    ['an array with a property', match],
    ['an array with a hole and a property', Object.assign(Array(1), { more: 1 })],
    ['an array in an array', [[1]]],
    ['many numbers', Array(17).fill(0)],
    ['an object', { a: 1 }],
  ])('toText writes no JSON for %s, and keeps it', (_, value) => {
    expect(isJson(toText(value))).toBe(false);
    expect(fromText(toText(value))).toStrictEqual(structuredClone(value));
  });
});

describe('readText', () => {
  it.each(['=', '={', '***', '', Buffer.from('hello').toString('base64')])(
    'readText returns undefined for %j',
    (text) => {
      expect(readText(text)).toBeUndefined();
    },
  );

  it('readText changes no prototype', () => {
    const { value } = readText('={"__proto__":{"polluted":1}}') as { value: object };
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('bytesIn', () => {
  it('bytesIn counts the bytes to within two', () => {
    for (const value of ['x'.repeat(1_000), new Uint8Array(1_000), { a: 'y'.repeat(1_000) }]) {
      expect(Math.abs(bytesIn(toText(value)) - serialize(value).length)).toBeLessThanOrEqual(4);
    }
    expect(bytesIn(toText('ä'.repeat(500)))).toBe(1_002);
  });
});

describe('wireText', () => {
  it('wireText drops a value that cannot be serialized, and keeps the message', () => {
    const shared: WireError = { type: 'value', value: new SharedArrayBuffer(1) };
    expect(decodeError(fromText(wireText(shared)) as WireError)).toBeInstanceOf(Error);
    const value: WireError = { type: 'value', value: 'enough' };
    expect(decodeError(fromText(wireText(value)) as WireError)).toBe('enough');
  });
});
