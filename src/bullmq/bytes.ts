/** Values as the other side of the queue wrote them. */
import { DefaultDeserializer } from 'node:v8';

/** @throws Error for what are no bytes of a value */
export function fromBytes(bytes: Uint8Array): unknown {
  const deserializer = new ValueDeserializer(bytes);
  deserializer.readHeader();
  return deserializer.readValue();
}

type ReadHostObject = { _readHostObject(): ArrayBufferView };

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
