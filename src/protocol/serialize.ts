/**
 * Converts values to bytes with the structured clone. Used for values that may never be read, and
 * for values that leave the process.
 */
import { type ValueBytes, ValueDeserializer, ValueSerializer } from '#platform/serializer';
import { isHandle } from './handle.js';

/** The value can't be written as bytes, although it may be possible to clone it. */
export class NoBytesError extends Error {
  override name = 'NoBytesError';
}

/** Message of the error for a handle. */
export const HANDLE_FAULT = "a handle (for example an open file or a key) can't leave its process";

/** @throws NoBytesError if the value contains shared memory or a handle of this process */
export function toBytes(value: unknown): ValueBytes {
  return write(new ValueSerializer(), value);
}

/** @throws NoBytesError if the serializer finds something that can't be written as bytes */
export function write(serializer: ValueSerializer, value: unknown): ValueBytes {
  // Node 20 refuses most handles. Later versions write some of them as `{}` without an error. All
  // versions write a WebAssembly.Module that can't be read back.
  if (holdsHandle(value)) throw new NoBytesError(HANDLE_FAULT);
  try {
    serializer.writeHeader();
    serializer.writeValue(value);
    return serializer.releaseBuffer();
  } catch (cause) {
    throw new NoBytesError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws Error if the bytes do not encode a value */
export function fromBytes(bytes: Uint8Array): unknown {
  const deserializer = new ValueDeserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** Uses no recursion, because V8 serializes values that are nested deeper than the stack allows. */
function holdsHandle(value: unknown): boolean {
  const seen = new Set<object>();
  const open = [value];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || seen.has(part)) continue;
    seen.add(part);
    if (part instanceof Map) {
      for (const [key, item] of part) open.push(key, item);
    } else if (part instanceof Set) {
      for (const item of part) open.push(item);
    } else {
      if (isHandle(part)) return true;
      for (const key of Object.keys(part)) open.push((part as Record<string, unknown>)[key]);
    }
  }
  return false;
}
