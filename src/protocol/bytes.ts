/** Typed arrays, as data to copy. */
import { isArrayBuffer } from './handle.js';

/** A view of memory that is not shared. */
export type Bytes = Uint8Array<ArrayBuffer>;

export function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && isArrayBuffer(value.buffer);
}

/**
 * Bytes from which on a copy that moves is cheaper than a clone: below 64 KiB a buffer of its own costs about what it saves. From there on
 * many arrays there and back cost half as much, or less (1 MiB: 0.4 instead of 0.85 ms; test/bench, row 10, Node 20, 2026-11).
 */
const LARGE = 64 * 1024;

export function isLarge(value: unknown): value is Bytes {
  return typeof value === 'object' && isBytes(value) && value.byteLength >= LARGE;
}

/** One copy of the part that the view shows. structuredClone would make two, of the whole buffer behind it. */
export function copyBytes(view: Bytes): Bytes {
  // A Buffer arrives as a Uint8Array, as it does with structuredClone; and its own slice() would copy nothing.
  return Buffer.isBuffer(view) ? Uint8Array.prototype.slice.call(view) : view.slice();
}
