/**
 * Estimates how many bytes a value takes when it travels. With it, a stream limits the bytes by
 * which it is ahead of its reader. The estimate must be cheap, because it is made for each value.
 *
 * The parts of a value count as so many bytes:
 *
 *   - Each value and each part of it: 8, about what V8's serializer writes for a number.
 *   - A string: one for each character, or two if a sample of its characters needs two.
 *   - A buffer, and a view: the whole buffer, because the whole buffer travels. Shared memory does
 *     not travel, so it counts as any other part.
 *   - Objects, arrays, Maps and Sets: their keys and parts. Only the first 1,000 parts of a value
 *     are measured. The other parts of the same object count as much as these do on average.
 *   - Anything else, such as a Date or a Blob: 8.
 */
import { isArrayBuffer } from '../handle.js';

/**
 * Estimated size in bytes of a number. Each other part of a value has this size, and that of its
 * content.
 */
const PART_BYTES = 8;
/** Number of parts that are measured. They take some 10 us, and to send them takes longer. */
const MAX_PARTS = 1_000;
/** Length from which more than three characters of a string are read. */
const LONG_STRING = 256;
/** Number of characters that are read of a long string. */
const SAMPLES = 16;
/** The last character that V8's serializer writes as one byte. */
const LAST_ONE_BYTE = 0xff;

/** Number of parts of the current value that may still be measured. */
let partsLeft = 0;

export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return PART_BYTES + textSize(value);
  if (typeof value !== 'object' || value === null) return PART_BYTES;
  partsLeft = MAX_PARTS;
  try {
    return partSize(value);
  } catch {
    // A getter or a trap of a Proxy has thrown. It throws again when the value is sent, which is
    // reported.
    return PART_BYTES;
  }
}

function partSize(value: unknown): number {
  partsLeft--;
  if (typeof value === 'string') return PART_BYTES + textSize(value);
  if (typeof value !== 'object' || value === null) return PART_BYTES;
  const prototype = Object.getPrototypeOf(value);
  // Most objects are plain, and the checks of all classes take longer than to measure one of them.
  if (prototype === Object.prototype) return PART_BYTES + plainSize(value as Record<string, unknown>);
  if (Array.isArray(value)) return PART_BYTES + listSize(value, value.length);
  if (ArrayBuffer.isView(value)) return PART_BYTES + bufferSize(value.buffer);
  if (isArrayBuffer(value)) return PART_BYTES + value.byteLength;
  if (value instanceof Map) return PART_BYTES + entriesSize(value);
  if (value instanceof Set) return PART_BYTES + listSize(value, value.size);
  return PART_BYTES + propertiesSize(value as Record<string, unknown>);
}

function textSize(text: string): number {
  const { length } = text;
  return hasWideSample(text, length) ? 2 * length : length;
}

function hasWideSample(text: string, length: number): boolean {
  if (length < LONG_STRING) {
    // charCodeAt returns NaN for an empty string.
    return (
      text.charCodeAt(0) > LAST_ONE_BYTE ||
      text.charCodeAt(length >> 1) > LAST_ONE_BYTE ||
      text.charCodeAt(length - 1) > LAST_ONE_BYTE
    );
  }
  const step = (length - 1) / (SAMPLES - 1);
  for (let i = 0; i < SAMPLES; i++) if (text.charCodeAt(Math.floor(i * step)) > LAST_ONE_BYTE) return true;
  return false;
}

function bufferSize(buffer: ArrayBufferLike): number {
  return isArrayBuffer(buffer) ? buffer.byteLength : 0;
}

function listSize(list: Iterable<unknown>, length: number): number {
  let size = 0;
  let measured = 0;
  for (const part of list) {
    if (partsLeft <= 0) break;
    size += partSize(part);
    measured++;
  }
  return whole(size, measured, length);
}

function entriesSize(map: ReadonlyMap<unknown, unknown>): number {
  let size = 0;
  let measured = 0;
  for (const [key, value] of map) {
    if (partsLeft <= 0) break;
    size += partSize(key) + partSize(value);
    measured++;
  }
  return whole(size, measured, map.size);
}

/** As {@link propertiesSize}, without a list of the keys. */
function plainSize(value: Record<string, unknown>): number {
  let size = 0;
  let measured = 0;
  let count = 0;
  // A plain object inherits no property that this loop would find.
  for (const key in value) {
    count++;
    if (partsLeft <= 0) continue;
    size += key.length + partSize(value[key]);
    measured++;
  }
  return whole(size, measured, count);
}

function propertiesSize(value: Record<string, unknown>): number {
  const keys = Object.keys(value);
  let size = 0;
  let measured = 0;
  for (; measured < keys.length && partsLeft > 0; measured++) {
    const key = keys[measured]!;
    size += key.length + partSize(value[key]);
  }
  return whole(size, measured, keys.length);
}

/** Returns the size of all parts, from the size of those that were measured. */
function whole(size: number, measured: number, count: number): number {
  return measured === count ? size : measured === 0 ? count * PART_BYTES : Math.ceil((size * count) / measured);
}
