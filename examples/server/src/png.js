/** Encodes images in the format PNG. */
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * Encodes a grey image.
 *
 * @param {number} width
 * @param {number} height
 * @param {(x: number, y: number) => number} brightness the brightness of a pixel, from 0 to 255
 * @returns {Uint8Array}
 */
export function encodePng(width, height, brightness) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits for each pixel. The zeros after them mean grey, and the only compression and filter.
  header[8] = 8;
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    // The first byte of a row selects its filter. 0 means none.
    const start = y * (width + 1) + 1;
    for (let x = 0; x < width; x++) rows[start + x] = brightness(x, y);
  }
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND')]);
}

/** @param {string} type @param {Uint8Array} [data] */
function chunk(type, data = new Uint8Array()) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}
