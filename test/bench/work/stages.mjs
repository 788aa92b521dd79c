// @ts-check
/** The stages of rows 27 and 28. */
import { open } from 'node:fs/promises';
import { transfer } from 'rx-futures/worker';

/**
 * Yields small objects.
 * @param {number} count
 */
export function* objects(count) {
  for (let id = 0; id < count; id++) yield { id, name: 'an item' };
}

/** @param {AsyncIterable<{ id: number }>} input */
export async function sumOfIds(input) {
  let sum = 0;
  for await (const { id } of input) sum += id;
  return sum;
}

const CHUNK_BYTES = 2 ** 20;
const LINE_FEED = 10;

/**
 * Yields the file in parts of about 1 MiB, each of which ends with a whole line.
 * @param {string} file
 */
export async function* parts(file) {
  const handle = await open(file);
  try {
    let rest = new Uint8Array(0);
    for (;;) {
      const bytes = new Uint8Array(rest.length + CHUNK_BYTES);
      bytes.set(rest);
      const { bytesRead } = await handle.read(bytes, rest.length, CHUNK_BYTES);
      const length = rest.length + bytesRead;
      const end = bytesRead === 0 ? length : bytes.lastIndexOf(LINE_FEED, length - 1) + 1;
      // Copied before the yield, because the reader of the part may move its memory.
      rest = bytes.slice(end, length);
      if (end > 0) yield bytes.subarray(0, end);
      if (bytesRead === 0) return;
    }
  } finally {
    await handle.close();
  }
}

/**
 * The same, moved to the reader.
 * @param {string} file
 */
export async function* movedParts(file) {
  for await (const part of parts(file)) yield transfer(part);
}

const decoder = new TextDecoder();

/**
 * Parses the lines of a part, and returns the sum of their prices.
 * @param {Uint8Array} part
 */
export function sumOfPart(part) {
  let sum = 0;
  for (const line of decoder.decode(part).split('\n')) if (line !== '') sum += JSON.parse(line).price;
  return sum;
}
