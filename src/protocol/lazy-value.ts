/**
 * A value as bytes, which is decoded when it is first read. The value of a chain's first step is
 * rarely read. A large argument waits as bytes, and its task decodes it.
 */
import { adopt } from '#platform/realm';
import { copyBytes } from './bytes.js';
import { fromBytes, toBytes } from './serialize.js';

export class LazyValue {
  constructor(readonly bytes: Uint8Array) {}

  decode(): unknown {
    return adopt(fromBytes(this.bytes));
  }
}

/**
 * Serializes a value now. Not a method, so that a bundle with futures alone has no serializer.
 *
 * @throws NoBytesError if the value can't be written as bytes
 */
export function asBytes(value: unknown): LazyValue {
  const bytes = toBytes(value);
  // A message with a view contains the whole buffer of the view.
  return new LazyValue(bytes.byteLength < bytes.buffer.byteLength ? copyBytes(bytes) : bytes);
}
