/**
 * Values as bytes, in node:v8's form of structured clone: for what may never be looked at, and for what goes further than a thread.
 *
 * node:v8 alone is not quite structuredClone. What it does otherwise is mended here.
 */
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

/** @throws Error for what has no such form: shared memory, and what is a handle on something of its process */
export function toBytes(value: unknown): Buffer {
  if (losesHandles() && holdsHandle(value)) throw new TypeError('a handle of a process can not be copied');
  const serializer = new ValueSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
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
class ValueSerializer extends DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    if (view.buffer instanceof SharedArrayBuffer) throw new TypeError('shared memory can not be copied');
    (DefaultSerializer.prototype as unknown as WriteHostObject)._writeHostObject.call(this, view);
  }
}

/**
 * node:v8 makes views of the bytes that it reads from: the `buffer` of each would be all of them, and what else lies beside them in the
 * pool of Node's Buffers. Here each has its own, and a Buffer comes out as a Uint8Array, as from structuredClone.
 */
class ValueDeserializer extends DefaultDeserializer {
  _readHostObject(): ArrayBufferView {
    const view = (DefaultDeserializer.prototype as unknown as ReadHostObject)._readHostObject.call(this);
    if (Buffer.isBuffer(view)) return new Uint8Array(view);
    const { buffer, byteOffset, byteLength } = view;
    const own = buffer.slice(byteOffset, byteOffset + byteLength);
    return view instanceof DataView ? new DataView(own) : new (view.constructor as Uint8ArrayConstructor)(own);
  }
}

/** Classes whose instances Node clones in its own way, or not at all: what they hold is not in their properties. */
const handles = new Set([
  'BlockList',
  'Blob',
  'CryptoKey',
  'File',
  'Histogram',
  'RecordableHistogram',
  'SocketAddress',
  'X509Certificate',
]);

let loses: boolean | undefined;

/** From Node 21 on some of them are written as `{}`, without a word; Node 20 refuses them all. */
function losesHandles(): boolean {
  if (loses !== undefined) return loses;
  try {
    const serializer = new ValueSerializer();
    serializer.writeValue(new Blob([]));
    loses = true;
  } catch {
    loses = false;
  }
  return loses;
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
      const prototype = Object.getPrototypeOf(part);
      if (prototype !== null && prototype !== Object.prototype && handles.has(prototype.constructor?.name)) return true;
      for (const key of Object.keys(part)) open.push((part as Record<string, unknown>)[key]);
    }
  }
  return false;
}
