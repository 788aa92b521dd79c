/** The part of the plane that the canvas shows, and its tiles. */

/** @import { Tile } from './tasks.js' */

/**
 * @typedef {object} View
 * @property {number} re the centre
 * @property {number} im
 * @property {number} scale distance of two pixels
 */

const TILE = 60;

/** @type {View} */
export const START = { re: -0.6, im: 0, scale: 3.2 / 960 };

/**
 * Returns the view after a drag.
 *
 * @param {View} view
 * @param {number} x pixels to the right
 * @param {number} y pixels down
 * @returns {View}
 */
export function moved(view, x, y) {
  return { ...view, re: view.re - x * view.scale, im: view.im - y * view.scale };
}

/**
 * Returns the view after a zoom, which keeps the number below the pointer.
 *
 * @param {View} view
 * @param {number} factor below 1: nearer
 * @param {number} x distance of the pointer from the centre, in pixels
 * @param {number} y
 * @returns {View}
 */
export function zoomed({ re, im, scale }, factor, x, y) {
  const next = scale * factor;
  return { re: re + x * (scale - next), im: im + y * (scale - next), scale: next };
}

/**
 * Returns the tiles of a view: all of them coarsely, then all of them finely. Each time, those in
 * the middle come first.
 *
 * @param {View} view
 * @param {number} width pixels of the canvas
 * @param {number} height
 * @returns {Tile[]}
 */
export function tilesOf({ re, im, scale }, width, height) {
  // A deep zoom needs more rounds for the same detail.
  const limit = Math.round(1_000 - 200 * Math.log2(Math.min(1, (scale * 960) / 3.2)));
  const places = [];
  for (let y = 0; y < height; y += TILE) for (let x = 0; x < width; x += TILE) places.push({ x, y });
  const distance = (/** @type {{ x: number, y: number }} */ { x, y }) =>
    Math.hypot(x + TILE / 2 - width / 2, y + TILE / 2 - height / 2);
  places.sort((a, b) => distance(a) - distance(b));
  return [8, 1].flatMap((step) =>
    places.map(({ x, y }) => ({
      x,
      y,
      size: TILE,
      step,
      left: re + (x - width / 2) * scale,
      top: im + (y - height / 2) * scale,
      scale,
      limit,
    })),
  );
}
