/**
 * A value that is still encoded: as bytes of the structured clone, or as JSON if JSON preserves it.
 * It is decoded when it is first read. A large argument waits in this form, and its task decodes
 * it. A large result arrives in it. The value of a chain's first step is rarely read.
 */
import { adopt } from '#platform/realm';
import { copyBytes } from './bytes.js';
import { fromBytes, toBytes } from './serialize.js';

export class LazyValue {
  /** A string is JSON. */
  constructor(readonly data: Uint8Array | string) {}

  decode(): unknown {
    const { data } = this;
    return typeof data === 'string' ? JSON.parse(data) : adopt(fromBytes(data));
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
