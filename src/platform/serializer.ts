/**
 * Writes values as bytes, and reads them, with the structured clone of node:v8. It differs from
 * structuredClone in some places. This file removes the differences.
 */
import { types } from 'node:util';
import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

/** The bytes of a value. On Node they are a Buffer. */
export type ValueBytes = ReturnType<DefaultSerializer['releaseBuffer']>;

type WriteHostObject = { _writeHostObject(view: ArrayBufferView): void };
type ReadHostObject = { _readHostObject(): ArrayBufferView };

/**
 * Refuses views of shared memory. node:v8 would write a copy of what the view shows, without an
 * error.
 */
export class ValueSerializer extends DefaultSerializer {
  _writeHostObject(view: ArrayBufferView): void {
    if (types.isSharedArrayBuffer(view.buffer))
      throw new TypeError("shared memory can't be copied. Copy the bytes with slice() first");
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
