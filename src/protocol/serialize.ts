/**
 * Converts values to bytes with the structured clone of node:v8. Used for values that may never be
 * read, and for values that leave the process.
 *
 * node:v8 differs from structuredClone in some places. This file removes the differences.
 */
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { isHandle } from './handle.js';

/** The value can't be written as bytes, although it may be possible to clone it. */
export class NoBytesError extends Error {
  override name = 'NoBytesError';
}

/** Message of the error for a handle. */
export const HANDLE_FAULT = "a handle (for example an open file or a key) can't leave its process";

/** @throws NoBytesError if the value contains shared memory or a handle of this process */
export function toBytes(value: unknown): Buffer {
  return write(new ValueSerializer(), value);
}

/** @throws NoBytesError if the serializer finds something that can't be written as bytes */
export function write(serializer: DefaultSerializer, value: unknown): Buffer {
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

type WriteHostObject = { _writeHostObject(view: ArrayBufferView): void };
type ReadHostObject = { _readHostObject(): ArrayBufferView };

/**
 * Refuses views of shared memory. node:v8 would write a copy of what the view shows, without an
 * error.
 */
export class ValueSerializer extends DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    if (view.buffer instanceof SharedArrayBuffer) throw new TypeError("shared memory can't be copied");
    (DefaultSerializer.prototype as unknown as WriteHostObject)._writeHostObject.call(this, view);
  }
}

/**
 * Gives each view a buffer of its own. In node:v8, the `buffer` of each view contains all bytes of
 * the message, and the other bytes in the pool of Node's Buffers. A Buffer becomes a Uint8Array, as
 * with structuredClone.
 */
export class ValueDeserializer extends DefaultDeserializer {
  _readHostObject(): ArrayBufferView {
    const view = (DefaultDeserializer.prototype as unknown as ReadHostObject)._readHostObject.call(this);
    if (Buffer.isBuffer(view)) return new Uint8Array(view);
    const { buffer, byteOffset, byteLength } = view;
    const own = buffer.slice(byteOffset, byteOffset + byteLength);
    return view instanceof DataView ? new DataView(own) : new (view.constructor as Uint8ArrayConstructor)(own);
  }
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
