/** Values as bytes in the format of V8, with the buffers that belong to them alone. */
import { describe, expect, it } from 'vitest';
import { ValueDeserializer, ValueSerializer } from '../../src/platform/serializer.js';

function copy(value: unknown): unknown {
  const serializer = new ValueSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  const deserializer = new ValueDeserializer(serializer.releaseBuffer());
  deserializer.readHeader();
  return deserializer.readValue();
}

describe('the serializer', () => {
  it('a Buffer arrives as a Uint8Array, as from structuredClone', () => {
    const bytes = copy(Buffer.from([1, 2]));
    expect(Buffer.isBuffer(bytes)).toBe(false);
    expect(bytes).toEqual(Uint8Array.of(1, 2));
  });

  it.each([
    ['a Float64Array', Float64Array.of(1.5, -2)],
    ['a part of a larger buffer', new Uint8Array([0, 1, 2, 3]).subarray(1, 3)],
    ['a DataView', new DataView(Uint8Array.of(7, 8).buffer)],
  ])('%s arrives with a buffer of its own, which has nothing else in it', (_, view) => {
    const arrived = copy(view) as typeof view;
    expect(arrived).toEqual(view);
    expect([arrived.byteOffset, arrived.buffer.byteLength]).toEqual([0, view.byteLength]);
  });

  it('shared memory is refused, because its bytes would be a copy', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    expect(() => copy({ shared })).toThrow("shared memory can't be copied");
  });
});
