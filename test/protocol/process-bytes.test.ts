import { describe, expect, it } from 'vitest';
import { fromProcess, toProcess } from '../../src/protocol/process-bytes.js';
import { NoBytesError } from '../../src/protocol/serialize.js';

const roundTrip = (value: unknown): any => fromProcess(toProcess(value));
const memoryOf = (...bytes: number[]) => {
  const memory = new SharedArrayBuffer(bytes.length);
  new Uint8Array(memory).set(bytes);
  return memory;
};

describe('messages between processes', () => {
  it('a message without shared memory arrives as it was', () => {
    const message = { type: 'run', cells: [1, 2], args: [new Map([['a', new Uint8Array([1])]])] };
    expect(roundTrip(message)).toEqual(message);
    expect(toProcess(message).shared).toEqual([]);
  });

  it('shared memory is copied, and arrives as shared memory', () => {
    const memory = memoryOf(1, 2, 3);
    const copy = roundTrip({ memory }).memory;
    expect(copy).toBeInstanceOf(SharedArrayBuffer);
    expect([...new Uint8Array(copy)]).toEqual([1, 2, 3]);
    new Uint8Array(copy).fill(0);
    expect([...new Uint8Array(memory)]).toEqual([1, 2, 3]);
  });

  it.each<any>([Uint8Array, Int16Array, Float64Array, BigInt64Array, DataView])(
    'a shared %o keeps its kind and place',
    (Kind) => {
      const memory = new SharedArrayBuffer(32);
      const copy = roundTrip([new Kind(memory, 8, 1)])[0];
      expect(copy).toBeInstanceOf(Kind);
      expect(copy.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect([copy.byteOffset, copy.buffer.byteLength]).toEqual([8, 32]);
    },
  );

  it('views of one memory still share it on the other side', () => {
    const memory = memoryOf(0, 0);
    const [one, two, whole] = roundTrip([new Uint8Array(memory, 0, 1), new Uint8Array(memory, 0, 2), memory]);
    one[0] = 7;
    expect([two[0], new Uint8Array(whole)[0]]).toEqual([7, 7]);
  });

  it('the original message is not changed', () => {
    const message = new Map([['memory', { memory: memoryOf(1) }]]);
    roundTrip(message);
    expect(message.get('memory')!.memory).toBeInstanceOf(SharedArrayBuffer);
  });

  it('a handle of this process causes an error', () => {
    expect(() => toProcess(new Blob(['a']))).toThrow(NoBytesError);
  });
});
