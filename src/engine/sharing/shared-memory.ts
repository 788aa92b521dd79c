/**
 * Moves the large byte arrays of a shared value into shared memory, so that all threads use the
 * same bytes. Smaller arrays are copied for each worker, because a memory of their own would cost
 * more.
 */
import { MIN_LARGE_BYTES } from '../../protocol/bytes.js';
import { isArrayBuffer, isHandle } from '../../protocol/handle.js';

/**
 * Replaces each large ArrayBuffer in a value, and the views of it, by shared memory with the same
 * bytes. Changes the value, which must be a structured clone that no other code has.
 */
export function toSharedMemory(copy: unknown): unknown {
  // A page of a browser may not be allowed to share memory. Each worker then receives a copy.
  if (typeof SharedArrayBuffer === 'undefined') return copy;
  const move = new Move();
  const moved = move.part(copy);
  move.rest();
  return moved;
}

class Move {
  readonly #memories = new Map<ArrayBuffer, SharedArrayBuffer>();
  /** The view that replaces a view. A view that occurs twice must not become two views. */
  readonly #views = new Map<ArrayBufferView, ArrayBufferView>();
  readonly #seen = new Set<object>();
  readonly #open: object[] = [];

  /**
   * Returns the replacement of a buffer or a view, and any other part itself. An object is also
   * recorded, so that `rest` replaces its parts later.
   */
  part(part: unknown): unknown {
    if (typeof part !== 'object' || part === null) return part;
    if (ArrayBuffer.isView(part)) return this.#view(part);
    if (isArrayBuffer(part)) return this.#memory(part) ?? part;
    if (this.#seen.has(part)) return part;
    this.#seen.add(part);
    this.#open.push(part);
    return part;
  }

  /** Uses no recursion, because values may be nested deeper than the stack allows. */
  rest(): void {
    for (let part = this.#open.pop(); part !== undefined; part = this.#open.pop()) {
      if (part instanceof Map) this.#map(part);
      else if (part instanceof Set) this.#set(part);
      else if (!isHandle(part)) this.#properties(part);
    }
  }

  #properties(part: object): void {
    const record = part as Record<string, unknown>;
    for (const key of Array.isArray(part) ? part.keys() : Object.keys(part)) this.#property(record, key as string);
    if (part instanceof Error) this.#property(record, 'cause');
  }

  #property(record: Record<string, unknown>, key: string): void {
    const value = record[key];
    const moved = this.part(value);
    if (moved !== value) record[key] = moved;
  }

  /** The order of the entries stays the same. */
  #map(map: Map<unknown, unknown>): void {
    const entries = [...map];
    const moved = entries.map(([key, value]) => [this.part(key), this.part(value)] as const);
    if (moved.every(([key, value], i) => key === entries[i]![0] && value === entries[i]![1])) return;
    map.clear();
    for (const [key, value] of moved) map.set(key, value);
  }

  #set(set: Set<unknown>): void {
    const items = [...set];
    const moved = items.map((item) => this.part(item));
    if (moved.every((item, i) => item === items[i])) return;
    set.clear();
    for (const item of moved) set.add(item);
  }

  #view(view: ArrayBufferView): ArrayBufferView {
    const known = this.#views.get(view);
    if (known !== undefined) return known;
    const memory = isArrayBuffer(view.buffer) ? this.#memory(view.buffer) : undefined;
    if (memory === undefined) return view;
    // The class of a Buffer can't be constructed on a memory. The tag of a Buffer is "Uint8Array".
    const name = Object.prototype.toString.call(view).slice(8, -1);
    const type = (globalThis as Record<string, any>)[name] as Uint8ArrayConstructor;
    const moved = new type(memory, view.byteOffset, view.byteLength / (type.BYTES_PER_ELEMENT ?? 1));
    this.#views.set(view, moved);
    return moved;
  }

  /**
   * Returns shared memory with the bytes of a large buffer, always the same for one buffer. Returns
   * undefined for a small buffer.
   */
  #memory(buffer: ArrayBuffer): SharedArrayBuffer | undefined {
    if (buffer.byteLength < MIN_LARGE_BYTES) return undefined;
    let memory = this.#memories.get(buffer);
    if (memory === undefined) {
      memory = new SharedArrayBuffer(buffer.byteLength);
      new Uint8Array(memory).set(new Uint8Array(buffer));
      this.#memories.set(buffer, memory);
    }
    return memory;
  }
}
