/** A value that comes home as bytes and is decoded when somebody looks: most heads of chains are never looked at. */
import { DefaultSerializer, deserialize } from 'node:v8';

export class LazyValue {
  constructor(readonly bytes: Uint8Array) {}

  decode(): unknown {
    return deserialize(this.bytes);
  }
}

/** @throws Error for what has no such form, shared memory among it */
export function toBytes(value: unknown): Buffer {
  const serializer = new BytesSerializer();
  serializer.writeHeader();
  serializer.writeValue(value);
  return serializer.releaseBuffer();
}

type WriteHostObject = { _writeHostObject(view: ArrayBufferView): void };

/** node:v8 writes what a view of shared memory shows at that moment: a copy, without a word. */
class BytesSerializer extends DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    if (view.buffer instanceof SharedArrayBuffer) throw new TypeError('shared memory can not be copied');
    (DefaultSerializer.prototype as unknown as WriteHostObject)._writeHostObject.call(this, view);
  }
}
