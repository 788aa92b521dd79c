/**
 * Values as bytes, in node:v8's form of structured clone: for what may never be looked at, and for what goes further than a thread.
 *
 * node:v8 alone is not quite structuredClone. What it does otherwise is mended here.
 */
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';
import { isHandle } from './handle.js';

/** A value has no form in bytes, though a clone of it may be possible. */
export class NoBytesError extends Error {
  override name = 'NoBytesError';
}

/** @throws NoBytesError for a value without such a form: shared memory, and a handle on something of its process */
export function toBytes(value: unknown): Buffer {
  return write(new ValueSerializer(), value);
}

/** @throws NoBytesError if the serializer finds something that has no form in bytes */
export function write(serializer: DefaultSerializer, value: unknown): Buffer {
  // Node 20 refuses most handles, later Nodes write some as `{}` without a word, and every Node writes a WebAssembly.Module that nobody can read.
  if (holdsHandle(value)) throw new NoBytesError('a handle of a process has no form in bytes');
  try {
    serializer.writeHeader();
    serializer.writeValue(value);
    return serializer.releaseBuffer();
  } catch (cause) {
    throw new NoBytesError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws Error for what are no bytes of a value */
export function fromBytes(bytes: Uint8Array): unknown {
  const deserializer = new ValueDeserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

type WriteHostObject = { _writeHostObject(view: ArrayBufferView): void };
type ReadHostObject = { _readHostObject(): ArrayBufferView };

/** node:v8 writes what a view of shared memory shows at that moment: a copy, without a word. */
export class ValueSerializer extends DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    if (view.buffer instanceof SharedArrayBuffer) throw new TypeError('shared memory can not be copied');
    (DefaultSerializer.prototype as unknown as WriteHostObject)._writeHostObject.call(this, view);
  }
}

/**
 * node:v8 makes views of the bytes that it reads from: the `buffer` of each would be all of them, and what else lies beside them in the
 * pool of Node's Buffers. Here each has its own, and a Buffer comes out as a Uint8Array, as from structuredClone.
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

/** Without recursion: V8 takes values that are deeper than a stack of such calls. */
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
