import { expect, it } from 'vitest';
import { toSharedMemory } from '../../../src/engine/sharing/shared-memory.js';
import { MIN_LARGE_BYTES } from '../../../src/protocol/bytes.js';

const isShared = (value: ArrayBufferView) => value.buffer instanceof SharedArrayBuffer;
const large = () => new Uint8Array(MIN_LARGE_BYTES).fill(3);

it('a typed array of 64 KiB moves into shared memory with its bytes, and a smaller one does not', () => {
  const moved = toSharedMemory(large()) as Uint8Array;
  expect(isShared(moved)).toBe(true);
  expect([moved.length, moved[0], moved.at(-1)]).toEqual([MIN_LARGE_BYTES, 3, 3]);
  const small = new Uint8Array(MIN_LARGE_BYTES - 1);
  expect(toSharedMemory(small)).toBe(small);
});

it('each kind of view and a buffer keep their kind, offset and length', () => {
  const { buffer } = large();
  const views = [
    new Float64Array(buffer, 16, 2),
    new DataView(buffer, 3, 4),
    new BigInt64Array(buffer),
    Buffer.from(buffer),
  ];
  const moved = toSharedMemory([...views, buffer]) as [Float64Array, DataView, BigInt64Array, Uint8Array, unknown];
  expect(moved.slice(0, 3).map((view) => (view as DataView).constructor.name)).toEqual([
    'Float64Array',
    'DataView',
    'BigInt64Array',
  ]);
  expect([moved[0].byteOffset, moved[0].length, moved[1].byteOffset, moved[1].byteLength]).toEqual([16, 2, 3, 4]);
  expect(new Set(moved.slice(0, 4).map((view) => (view as DataView).buffer))).toEqual(new Set([moved[4]]));
});

it('a view that occurs twice stays one view', () => {
  const bytes = large();
  const [a, b] = toSharedMemory([bytes, bytes]) as [Uint8Array, Uint8Array];
  expect(a).toBe(b);
});

it('bytes move inside objects, Maps, Sets, errors and cycles, and the order of entries stays', () => {
  const value: any = {
    map: new Map<unknown, unknown>([
      ['a', 1],
      ['b', large()],
      ['c', 2],
    ]),
    set: new Set<unknown>([1, large(), 2]),
    error: new Error('with a cause', { cause: large() }),
  };
  value.self = value;
  const moved = toSharedMemory(value) as typeof value;
  expect(moved).toBe(value);
  expect([...moved.map.keys()]).toEqual(['a', 'b', 'c']);
  expect(isShared(moved.map.get('b'))).toBe(true);
  expect([...moved.set].map((item) => typeof item)).toEqual(['number', 'object', 'number']);
  expect(isShared([...moved.set][1] as Uint8Array)).toBe(true);
  expect(isShared(moved.error.cause)).toBe(true);
});

it('a value that is nested deeper than the stack allows is searched', () => {
  let value: unknown = { bytes: large() };
  const first = value as { bytes: Uint8Array };
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  toSharedMemory(value);
  expect(isShared(first.bytes)).toBe(true);
});

it('an array with holes keeps them', () => {
  const sparse: unknown[] = [];
  sparse[3] = large();
  const moved = toSharedMemory(sparse) as unknown[];
  expect(0 in moved).toBe(false);
  expect(isShared(moved[3] as Uint8Array)).toBe(true);
});
