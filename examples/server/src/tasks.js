/** The work of the server. These functions run on worker threads. */
import { createHmac, randomBytes, scryptSync } from 'node:crypto';
import { marked } from 'marked';
import { encodePng } from './png.js';

/**
 * Hashes a password with scrypt, in some 50 ms. The salt is part of the text.
 *
 * @param {string} password
 * @returns {string} `scrypt$<salt>$<hash>`
 */
export function hash(password) {
  const salt = randomBytes(16);
  return `scrypt$${salt.toString('base64url')}$${scryptSync(password, salt, 32).toString('base64url')}`;
}

/**
 * Renders Markdown as HTML.
 *
 * @param {string} markdown
 * @returns {string}
 */
export function render(markdown) {
  return /** @type {string} */ (marked.parse(markdown, { async: false }));
}

/**
 * Draws the Mandelbrot set, as a PNG image.
 *
 * @param {number} size width and height in pixels
 * @returns {Uint8Array}
 */
export function png(size) {
  return encodePng(size, size, (x, y) => escapeTime((3 * x) / size - 2.25, (3 * y) / size - 1.5));
}

const key = process.env['SIGNING_KEY'] ?? 'a key for the example';

/**
 * Signs a text with ten rounds of HMAC, in some 20 us.
 *
 * @param {string} text
 * @returns {string}
 */
export function sign(text) {
  let signature = text;
  for (let round = 0; round < 10; round++) signature = createHmac('sha256', key).update(signature).digest('base64url');
  return signature;
}

/**
 * Returns the brightness of a point, from 0 to 255.
 *
 * @param {number} cx
 * @param {number} cy
 */
function escapeTime(cx, cy) {
  let x = 0;
  let y = 0;
  for (let step = 0; step < 64; step++) {
    const nextX = x * x - y * y + cx;
    y = 2 * x * y + cy;
    x = nextX;
    if (x * x + y * y > 4) return 255 - step * 4;
  }
  return 0;
}
