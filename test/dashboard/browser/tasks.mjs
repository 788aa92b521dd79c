// @ts-check
/** Tasks of a small crawl, for the tests of the page. Each takes some time of its thread. */
import { setTimeout as pause } from 'node:timers/promises';

/** @param {number} page */
export async function fetchPage(page) {
  await pause(8 + ((page * 7) % 30));
  if (page % 23 === 5) throw new Error(`GET /pages/${page}: status 500`);
  return page;
}

/** @param {number} page */
export function parse(page) {
  spin(2 + (page % 5));
  if (page % 41 === 7) throw new TypeError("Cannot read properties of null (reading 'title')");
  return page;
}

/** @param {number} page */
export async function save(page) {
  await pause(3 + (page % 4));
  return page;
}

/** Fails at its first attempts. @param {number} page */
export async function upload(page) {
  await pause(12);
  attempts.set(page, (attempts.get(page) ?? 0) + 1);
  if ((attempts.get(page) ?? 0) < 2 && page % 3 === 0) throw new Error(`upload of ${page}: connection reset`);
  return page;
}

const attempts = new Map();

/** @param {number} n */
export function noop(n) {
  return n;
}

/** @param {number} ms @param {AbortSignal} [signal] */
export async function nap(ms, signal) {
  await pause(ms, undefined, { signal });
}

/** Counts values. It lives on one worker. */
export class Counter {
  #sum = 0;

  /** @param {number} n */
  add(n) {
    this.#sum += n;
    return this.#sum;
  }
}

/** @param {number} ms */
function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
