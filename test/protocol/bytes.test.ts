import { describe, expect, it } from 'vitest';
import { copyBytes, freeBytes, isBytes, isLarge } from '../../src/protocol/bytes.js';

describe('isBytes', () => {
  it.each<[what: string, value: unknown, result: boolean]>([
    ['a typed array', new Float32Array(2), true],
    ['a Buffer', Buffer.from('a'), true],
    ['a DataView', new DataView(new ArrayBuffer(1)), false],
    ['an ArrayBuffer', new ArrayBuffer(1), false],
    ['a view of shared memory', new Uint8Array(new SharedArrayBuffer(1)), false],
    ['an array', [1], false],
  ])('isBytes() accepts or refuses %s', (_, value, result) => {
    expect(isBytes(value)).toBe(result);
  });
});

describe('isLarge', () => {
  it('bytes are large from 64 KiB on, whatever the size of their buffer is', () => {
    const buffer = new ArrayBuffer(100_000);
    expect([new Uint8Array(65_536), new Uint8Array(65_535), new Uint8Array(buffer, 0, 10), null].map(isLarge)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('copyBytes', () => {
  it('only the part that the view shows is copied, with the class of the view', () => {
    const copy = copyBytes(new Uint16Array(new Uint16Array([1, 2, 3, 4]).buffer, 2, 2) as never);
    expect(copy).toEqual(new Uint16Array([2, 3]));
    expect(copy.buffer.byteLength).toBe(4);
  });

  it('the copy of a Buffer has memory of its own, apart from the pool of Node', () => {
    const original = Buffer.from('ab');
    const copy = copyBytes(original);
    original.fill(0);
    expect([...copy]).toEqual([97, 98]);
    expect(copy.buffer.byteLength).toBe(2);
  });
});

describe('freeBytes', () => {
  // Node 20 has no such call.
  it.skipIf(!('transfer' in ArrayBuffer.prototype))('the memory is freed, and a second call does nothing', () => {
    const bytes = new Uint8Array(100_000);
    freeBytes(bytes);
    freeBytes(bytes);
    expect(bytes.buffer.byteLength).toBe(0);
  });
});
