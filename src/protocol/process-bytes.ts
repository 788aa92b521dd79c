/**
 * Encodes messages between processes as bytes.
 *
 * Node's channel could send the messages itself. But it makes views of the whole message, writes
 * handles as `{}`, and refuses shared memory. A value that can't be read would crash the receiver.
 */
import { ValueDeserializer, ValueSerializer } from '#platform/serializer';
import { VIEW_KINDS } from '#platform/view-kinds';
import { HANDLE_FAULT, NoBytesError, write } from './serialize.js';

/** An encoded message. */
export interface ProcessBytes {
  readonly bytes: Uint8Array;
  /** Copies of the shared memory in the message. The other side does not share the memory. */
  readonly shared: readonly Uint8Array[];
}

/** @throws NoBytesError if the message contains a handle of this process */
export function toProcess(message: unknown): ProcessBytes {
  const serializer = new SharingSerializer();
  const bytes = write(serializer, message);
  // V8 encodes a shared memory as a number, which Node's deserializer can't read. So each shared
  // memory is replaced by a view, which the deserializer can read.
  if (serializer.holdsMemory) return toProcess(new Views().inPlaceOf(message));
  return { bytes, shared: serializer.shared.map((memory) => new Uint8Array(memory).slice()) };
}

/** @throws Error if the bytes do not encode a message */
export function fromProcess({ bytes, shared }: ProcessBytes): unknown {
  const deserializer = new SharingDeserializer(bytes, shared);
  deserializer.readHeader();
  return deserializer.readValue();
}

/** Kind of a view of shared memory. Node numbers its own kinds of views from 0 to about 12. */
const SHARED_VIEW = 1_000;
/** Kind of a stand-in, which the receiver replaces by the shared memory itself. */
const SHARED_MEMORY = 1_001;

/** Views that stand for shared memories, because the serializer encodes only views. */
const standIns = new WeakSet<object>();

class SharingSerializer extends ValueSerializer {
  readonly shared: SharedArrayBuffer[] = [];
  /** True if the value contains shared memory itself, and not only views of it. */
  holdsMemory = false;

  _getSharedArrayBufferId(): number {
    this.holdsMemory = true;
    return 0;
  }

  #idOf(memory: SharedArrayBuffer): number {
    const known = this.shared.indexOf(memory);
    return known === -1 ? this.shared.push(memory) - 1 : known;
  }

  override _writeHostObject(view: ArrayBufferView): void {
    if (!ArrayBuffer.isView(view)) throw new NoBytesError(HANDLE_FAULT);
    if (!(view.buffer instanceof SharedArrayBuffer)) {
      super._writeHostObject(view);
      return;
    }
    if (standIns.has(view)) {
      this.writeUint32(SHARED_MEMORY);
      this.writeUint32(this.#idOf(view.buffer));
      return;
    }
    this.writeUint32(SHARED_VIEW);
    this.writeUint32(VIEW_KINDS.indexOf(Object.prototype.toString.call(view).slice(8, -1)));
    this.writeUint32(this.#idOf(view.buffer));
    this.writeDouble(view.byteOffset);
    this.writeDouble(view.byteLength);
  }
}

class SharingDeserializer extends ValueDeserializer {
  readonly #memories: SharedArrayBuffer[];
  /**
   * The kind of the view that is being read, if Node has to read the view. This class has read the
   * kind already, so `readUint32` returns it once more.
   */
  #kind: number | undefined;

  constructor(bytes: Uint8Array, shared: readonly Uint8Array[]) {
    super(bytes);
    this.#memories = shared.map((copy) => {
      const memory = new SharedArrayBuffer(copy.byteLength);
      new Uint8Array(memory).set(copy);
      return memory;
    });
  }

  override readUint32(): number {
    const kind = this.#kind;
    this.#kind = undefined;
    return kind ?? super.readUint32();
  }

  override _readHostObject(): ArrayBufferView {
    const kind = super.readUint32();
    if (kind === SHARED_MEMORY) return this.#memories[super.readUint32()] as never;
    if (kind !== SHARED_VIEW) {
      this.#kind = kind;
      return super._readHostObject();
    }
    const name = VIEW_KINDS[super.readUint32()]!;
    const memory = this.#memories[super.readUint32()]!;
    const [byteOffset, byteLength] = [this.readDouble(), this.readDouble()];
    const type = (globalThis as Record<string, any>)[name] as Uint8ArrayConstructor;
    return new type(memory, byteOffset, byteLength / (type.BYTES_PER_ELEMENT ?? 1));
  }
}

/**
 * Replaces each shared memory in a value by a view. Changes a clone of the value, which shares the
 * same memory.
 */
class Views {
  readonly #seen = new Set<unknown>();

  inPlaceOf(message: unknown): unknown {
    return this.#part(structuredClone(message));
  }

  #part(part: unknown): unknown {
    if (part instanceof SharedArrayBuffer) {
      const standIn = new Uint8Array(part);
      standIns.add(standIn);
      return standIn;
    }
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || this.#seen.has(part)) return part;
    this.#seen.add(part);
    if (part instanceof Map) {
      const entries = [...part];
      part.clear();
      for (const [key, value] of entries) part.set(this.#part(key), this.#part(value));
    } else if (part instanceof Set) {
      const items = [...part];
      part.clear();
      for (const item of items) part.add(this.#part(item));
    } else {
      const record = part as Record<string, unknown>;
      for (const key of Object.keys(record)) record[key] = this.#part(record[key]);
    }
    return part;
  }
}
