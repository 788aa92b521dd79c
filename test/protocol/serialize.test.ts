import { generateKeySync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromBytes, NoBytesError, toBytes } from '../../src/protocol/serialize.js';

const roundTrip = (value: unknown): any => fromBytes(toBytes(value));

describe('values as bytes', () => {
  it.each<[what: string, value: unknown]>([
    ['plain data', { a: [1, 'b', null, undefined, 5n] }],
    ['a Map, a Set and a Date', [new Map([[1, new Set(['a'])]]), new Date(5)]],
    ['typed arrays', [new Float64Array([0.5]), new DataView(new ArrayBuffer(2))]],
    ['an error with a cause', new RangeError('far', { cause: 'why' })],
  ])('%s is the same after the way there and back', (_, value) => {
    expect(roundTrip(value)).toEqual(structuredClone(value));
  });

  it('a cycle stays a cycle', () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    const copy = roundTrip(value);
    expect(copy.self).toBe(copy);
  });

  it('each view has a buffer of its own, with nothing else in it', () => {
    const [one, two] = roundTrip([new Uint8Array([1]), new Uint16Array([2])]);
    expect([one.buffer.byteLength, two.buffer.byteLength]).toEqual([1, 2]);
    expect(one.buffer).not.toBe(two.buffer);
  });

  it('a Buffer becomes a Uint8Array', () => {
    expect(roundTrip(Buffer.from('a')).constructor).toBe(Uint8Array);
  });

  it.each<[what: string, value: unknown]>([
    ['shared memory', new SharedArrayBuffer(1)],
    ['a view of shared memory', [new Uint8Array(new SharedArrayBuffer(1))]],
    ['a handle', new Map([['key', generateKeySync('aes', { length: 128 })]])],
    ['a function', { f: () => {} }],
  ])('%s has no bytes', (_, value) => {
    expect(() => toBytes(value)).toThrow(NoBytesError);
  });
});
