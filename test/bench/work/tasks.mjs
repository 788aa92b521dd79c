// @ts-check
/**
 * The work, the same functions for every contender: each takes one argument, since most pools send one, and gives back what the
 * sender can check.
 */

/**
 * The no-op: gives back what it gets, so that each answer can be told from the others.
 * @param {number} value
 */
export function noop(value) {
  return value;
}

/**
 * The no-op for small objects.
 * @param {{ id: number, name: string, tags: string[] }} item
 */
export function echo(item) {
  return item;
}

/**
 * Many no-ops in one call: what a user who packs his own batches would write.
 * @param {number[]} values
 */
export function noopAll(values) {
  return values.map(noop);
}

// ── fetch → parse → save ────────────────────────────────────────────────────────────────────────────────────────────

/** Items on the page; about 100 bytes each make 0.8 MB. */
export const ITEMS = 8_000;

/** @type {string | undefined} */
let page;

/** @param {number} _url */
export function fetchPage(_url) {
  // Made once: fetching is not what is measured.
  page ??= JSON.stringify(
    Array.from({ length: ITEMS }, (_, id) => ({
      id,
      name: `item ${id}`,
      tags: ['first tag', 'second tag'],
      price: id * 1.25,
      text: 'some words about it',
    })),
  );
  return page;
}

/**
 * @param {string} text
 * @returns {{ id: number }[]}
 */
export function parse(text) {
  return JSON.parse(text);
}

/** @param {readonly { id: number }[]} items */
export function save(items) {
  let count = 0;
  for (const item of items) if (item.id >= 0) count++;
  return count;
}

/**
 * The three in one: what a user who knows that hops are dear would write.
 * @param {number} url
 */
export function fetchParseSave(url) {
  return save(parse(fetchPage(url)));
}

// ── long, uneven and waiting work ───────────────────────────────────────────────────────────────────────────────────

/**
 * Keeps its thread busy.
 * @param {number} ms
 */
export function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

/**
 * @param {number} n
 * @returns {number}
 */
export function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

/** @param {number[]} ns */
export function fibAll(ns) {
  return ns.map(fib);
}

/** ms that {@link wait} waits. */
export const WAIT = 20;

/** @param {number} value */
export function wait(value) {
  return new Promise((resolve) => setTimeout(resolve, WAIT, value));
}

/**
 * Blocks its thread until the gate is opened.
 * @param {Int32Array} gate in shared memory; opened by a 1 in its first cell
 */
export function hold(gate) {
  Atomics.wait(gate, 0, 0);
  return true;
}

// ── large binary data ───────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Leaves its mark in the data, as a proof that it was there.
 * @param {Uint8Array} bytes
 */
export function touch(bytes) {
  bytes[0] = /** @type {number} */ (bytes[0]) + 1;
  return bytes;
}

// ── many values from one call ───────────────────────────────────────────────────────────────────────────────────────

/**
 * 1 to `count`. From 1, since threads.js loses falsy values.
 * @param {number} count
 */
export function* numbers(count) {
  for (let i = 1; i <= count; i++) yield i;
}

/**
 * The same, and tells in shared memory how many it has made.
 * @param {{ count: number, made: Int32Array }} order
 */
export function* countedNumbers({ count, made }) {
  for (const value of numbers(count)) {
    Atomics.store(made, 0, value);
    yield value;
  }
}
