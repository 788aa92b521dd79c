/** The tasks. They are plain functions, and the page can call them too. */
import { transfer } from 'rx-futures/worker';

/**
 * @typedef {object} Tile a square of the picture, in pixels of the canvas
 * @property {number} x
 * @property {number} y
 * @property {number} size
 * @property {number} step the size of a computed point: 8 for a first impression, then 1
 * @property {number} left the number at the upper left corner: its real part
 * @property {number} top its imaginary part
 * @property {number} scale distance of two pixels
 * @property {number} limit rounds after which a point counts as a part of the set
 */

/**
 * Computes the colours of a tile.
 *
 * @param {Tile} tile
 */
export function drawTile(tile) {
  const pixels = colours(tile);
  return transfer({ tile, pixels }, [pixels.buffer]);
}

/** @param {Tile} tile */
export function colours({ size, step, left, top, scale, limit }) {
  const pixels = new Uint32Array(size * size);
  for (let y = 0; y < size; y += step) {
    for (let x = 0; x < size; x += step) {
      const colour = colourOf(left + x * scale, top + y * scale, limit);
      for (let row = y; row < Math.min(y + step, size); row++) {
        pixels.fill(colour, row * size + x, row * size + Math.min(x + step, size));
      }
    }
  }
  return pixels;
}

/**
 * @param {number} re
 * @param {number} im
 * @param {number} limit
 */
function colourOf(re, im, limit) {
  let x = 0;
  let y = 0;
  let round = 0;
  for (; round < limit && x * x + y * y < 16; round++) {
    const next = x * x - y * y + re;
    y = 2 * x * y + im;
    x = next;
  }
  if (round === limit) return 0xff000000;
  const smooth = round + 1 - Math.log2(Math.log2(x * x + y * y) / 2);
  const wave = (/** @type {number} */ phase) => Math.round(127.5 * (1 + Math.sin(0.12 * smooth + phase)));
  return 0xff000000 | (wave(1.2) << 16) | (wave(0.4) << 8) | wave(-0.6);
}

/**
 * Blurs a picture: each pixel becomes the mean of a square around it. The bytes move to the worker
 * and back, and are never copied.
 *
 * @param {Uint8ClampedArray<ArrayBuffer>} pixels four bytes for each pixel
 * @param {number} width
 * @param {number} radius
 */
export function blur(pixels, width, radius) {
  const height = pixels.length / 4 / width;
  const across = means(pixels, width, height, 4, width * 4, radius);
  const result = means(across, height, width, width * 4, 4, radius);
  return transfer(result, [result.buffer]);
}

/**
 * Returns the means along one direction. A running sum makes the time independent of the radius.
 *
 * @param {Uint8ClampedArray} from
 * @param {number} length pixels in a line
 * @param {number} lines
 * @param {number} next distance of two pixels of a line, in bytes
 * @param {number} nextLine distance of two lines
 * @param {number} radius
 */
function means(from, length, lines, next, nextLine, radius) {
  const to = new Uint8ClampedArray(from.length);
  const clamp = (/** @type {number} */ i) => Math.min(Math.max(i, 0), length - 1);
  for (let line = 0; line < lines; line++) {
    for (let channel = 0; channel < 4; channel++) {
      const start = line * nextLine + channel;
      let sum = 0;
      for (let i = -radius; i <= radius; i++) sum += from[start + clamp(i) * next] ?? 0;
      for (let i = 0; i < length; i++) {
        to[start + i * next] = sum / (2 * radius + 1);
        sum += (from[start + clamp(i + radius + 1) * next] ?? 0) - (from[start + clamp(i - radius) * next] ?? 0);
      }
    }
  }
  return to;
}
