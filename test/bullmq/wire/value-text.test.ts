/** Values as text: what comes back is what structuredClone gives. */
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesIn, fromText, readText, toText, wireText } from '../../../src/bullmq/wire/value-text.js';
import { decodeError, type WireError } from '../../../src/protocol/wire-error.js';

const isJson = (text: string) => text.startsWith('=');

describe('toText', () => {
  it('gives back any value as structuredClone does', () => {
    const any = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true });
    fc.assert(
      fc.property(any, (value) => {
        expect(fromText(toText(value))).toStrictEqual(structuredClone(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('gives back what is deep', () => {
    const nested: unknown = JSON.parse('['.repeat(2_000) + ']'.repeat(2_000));
    let depth = 0;
    for (let read = fromText(toText(nested)); Array.isArray(read); read = read[0]) depth++;
    expect(depth).toBe(2_000);
  });

  it('gives back any string, well-formed or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ud800', '\udc00 '), (text, half) => {
        for (const value of [text + half, [half + text]]) expect(fromText(toText(value))).toStrictEqual(value);
      }),
    );
  });

  it.each([1, -1.5, 'a', true, null, [], [1, 'a', false, null]].map((value) => [JSON.stringify(value), value]))(
    'is JSON for %s',
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
  ])('is no JSON for %s, and gives it back', (_, value) => {
    expect(isJson(toText(value))).toBe(false);
    expect(fromText(toText(value))).toStrictEqual(structuredClone(value));
  });
});

describe('readText', () => {
  it.each(['=', '={', '***', '', Buffer.from('hello').toString('base64')])('is undefined for %j', (text) => {
    expect(readText(text)).toBeUndefined();
  });

  it('gives no object another prototype', () => {
    const { value } = readText('={"__proto__":{"polluted":1}}') as { value: object };
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('bytesIn', () => {
  it('counts the bytes, give or take two', () => {
    for (const value of ['x'.repeat(1_000), new Uint8Array(1_000), { a: 'y'.repeat(1_000) }]) {
      expect(Math.abs(bytesIn(toText(value)) - serialize(value).length)).toBeLessThanOrEqual(4);
    }
    expect(bytesIn(toText('ä'.repeat(500)))).toBe(1_002);
  });
});

describe('wireText', () => {
  it('leaves behind what has no form in bytes, and keeps the message', () => {
    const shared: WireError = { type: 'value', value: new SharedArrayBuffer(1) };
    expect(decodeError(fromText(wireText(shared)) as WireError)).toBeInstanceOf(Error);
    const value: WireError = { type: 'value', value: 'enough' };
    expect(decodeError(fromText(wireText(value)) as WireError)).toBe('enough');
  });
});
