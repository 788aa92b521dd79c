// @ts-check
/**
 * The tasks of the bench, the same functions for every contender. Each takes one argument, because
 * most pools send one, and returns a result that the row can check.
 */

/**
 * The no-op. It returns its argument, so that each answer can be identified.
 * @param {number} value
 */
export function noop(value) {
  return value;
}

/** The no-op as a method. */
export class Echo {
  /** @param {number} value */
  echo(value) {
    return value;
  }
}

/**
 * The no-op for small objects.
 * @param {{ id: number, name: string, tags: string[] }} item
 */
export function echo(item) {
  return item;
}

/**
 * Changes a record, so that the row can check that the task ran.
 * @param {import('./inputs.mjs').CustomerRecord} record
 */
export function correct(record) {
  record.version++;
  return record;
}

/**
 * Adds to the Map and to the Set of a visitor.
 * @param {import('./inputs.mjs').Visitor} visitor
 */
export function visit(visitor) {
  visitor.visits.set('last', visitor.id);
  visitor.groups.add('visited');
  return visitor;
}

/**
 * Many no-ops in one call, as in a program that batches its calls by hand.
 * @param {number[]} values
 */
export function noopAll(values) {
  return values.map(noop);
}

// ── fetch → parse → save ───────────────────────────────────────────────

/** Number of items on the page. With about 100 bytes each, the page has 0.8 MB. */
export const ITEMS = 8_000;

/** @type {string | undefined} */
let page;

/** @param {number} _url */
export function fetchPage(_url) {
  // The page is created once, because the row does not measure the fetch.
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
 * The three steps in one function, as in a program that avoids hops between threads by hand.
 * @param {number} url
 */
export function fetchParseSave(url) {
  return save(parse(fetchPage(url)));
}

// ── long, uneven and waiting work ───────────────────────────────────────────────

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

/** Time in ms that {@link wait} waits. */
export const WAIT = 20;

/** @param {number} value */
export function wait(value) {
  return new Promise((resolve) => setTimeout(resolve, WAIT, value));
}

/**
 * Blocks its thread until the gate is opened.
 * @param {Int32Array} gate shared memory. A 1 in its first cell opens the gate.
 */
export function hold(gate) {
  Atomics.wait(gate, 0, 0);
  return true;
}

// ── large binary data ───────────────────────────────────────────────

/**
 * Changes the first byte, so that the row can check that the task ran.
 * @param {Uint8Array} bytes
 */
export function touch(bytes) {
  bytes[0] = /** @type {number} */ (bytes[0]) + 1;
  return bytes;
}

// ── many values from one call ───────────────────────────────────────────────

/**
 * Yields the numbers from 1 to `count`. 0 is left out, because threads.js loses falsy values.
 * @param {number} count
 */
export function* numbers(count) {
  for (let i = 1; i <= count; i++) yield i;
}

/**
 * Yields small objects, with ids from 1 to `count`.
 * @param {number} count
 */
export function* records(count) {
  for (let id = 1; id <= count; id++) yield { id, name: 'an item', isNew: id % 2 === 0, price: id / 4 };
}

/** Number of characters from which {@link lines} are cut. */
const TEXT = 1_000;
const text = Array.from({ length: 200 }, (_, i) => `line ${i}: some words. `)
  .join('')
  .slice(0, TEXT + 60);

/**
 * Yields strings of 45 to 54 characters. They are cut from a text, so that their creation is cheap.
 * @param {number} count
 */
export function* lines(count) {
  for (let i = 1; i <= count; i++) {
    const start = i % TEXT;
    yield text.slice(start, start + 45 + (i % 10));
  }
}

/**
 * Yields the same numbers, and writes to shared memory how many it has yielded.
 * @param {{ count: number, made: Int32Array }} order
 */
export function* countedNumbers({ count, made }) {
  for (const value of numbers(count)) {
    Atomics.store(made, 0, value);
    yield value;
  }
}

/**
 * Looks an entry up. Returns the key.
 *
 * @param {readonly { readonly i: number }[] | undefined} index
 * @param {number} i
 */
export function lookUp(index, i) {
  return index === undefined ? i : /** @type {{ readonly i: number }} */ (index[i]).i;
}
