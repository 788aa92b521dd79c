// @ts-check
/**
 * Inputs of the rows with larger data and with real work. They are pseudo-random, and the same on
 * every machine. Rows make them before the clock starts.
 */

const WORDS = 'the quick brown fox jumps over a lazy dog and writes long pages about threads'.split(' ');

/**
 * Returns a generator of numbers from 0 to 1 (a linear congruential generator, as in `shuffled`).
 * @param {number} seed
 */
function randomOf(seed) {
  let state = seed + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * Returns a function that writes texts of so many words.
 * @param {number} seed
 * @returns {(count: number) => string}
 */
function writer(seed) {
  const random = randomOf(seed);
  return (count) => Array.from({ length: count }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');
}

/** @typedef {ReturnType<typeof customerRecord>} CustomerRecord */

/**
 * Returns a record of about 10 KB as JSON, with nested arrays and strings.
 * @param {number} id
 */
export function customerRecord(id) {
  const words = writer(id);
  return {
    id,
    name: `customer ${id}`,
    isActive: true,
    version: 1,
    address: { street: words(4), city: words(1), zip: '12345' },
    tags: Array.from({ length: 20 }, () => words(2)),
    orders: Array.from({ length: 48 }, (_, i) => ({
      id: i,
      price: i * 1.25,
      items: [words(3), words(4)],
      date: '2026-11-30T00:00:00.000Z',
      note: words(12),
    })),
    notes: words(80),
  };
}

/** @typedef {ReturnType<typeof makeVisitor>} Visitor */

/** @param {number} id */
export function makeVisitor(id) {
  return {
    id,
    since: new Date(1_700_000_000_000 + id),
    visits: new Map(Array.from({ length: 20 }, (_, i) => [`page ${i}`, i])),
    groups: new Set(['readers', 'writers', 'editors', 'testers', 'guests']),
  };
}

/**
 * Returns a string of so many characters of one byte each. V8 stores it in one piece, as it stores
 * a string that was read from a file.
 *
 * @param {number} id
 * @param {number} length
 */
export function longString(id, length) {
  const text = Buffer.from(`${String(id).padStart(8, '0')} ${writer(id)(100)} `);
  return Buffer.alloc(length, text).toString('latin1');
}

/**
 * Returns a text in Markdown of about 12 KB.
 * @param {number} seed
 */
export function markdownText(seed) {
  const words = writer(seed);
  const sections = Array.from({ length: 20 }, (_, i) =>
    [
      `## Part ${i}`,
      `${words(40)} **${words(3)}** and \`${words(1)}\` with [a link](https://example.org/${i}).`,
      `- ${words(8)}\n- ${words(8)}\n  - ${words(5)}`,
      `\`\`\`js\nconst a = ${i};\n\`\`\``,
      `| a | b |\n| - | - |\n| ${words(2)} | ${words(2)} |`,
      `> ${words(20)}`,
    ].join('\n\n'),
  );
  return sections.join('\n\n');
}

/**
 * Returns a text of about 100 KB as bytes. Their memory is not shared with other bytes.
 * @param {number} seed
 */
export function textBytes(seed) {
  return new TextEncoder().encode(writer(seed)(20_000));
}

/** @typedef {ReturnType<typeof picture>} Picture */

/**
 * Returns the pixels of a square picture: a gradient with noise, four bytes for each pixel.
 *
 * @param {number} seed
 * @param {number} size
 */
export function picture(seed, size) {
  const random = randomOf(seed);
  const data = new Uint8Array(size * size * 4);
  for (let i = 0; i < size * size; i++) data.set([i % size, i / size, random() * 8, 255], i * 4);
  return { width: size, height: size, data };
}

/**
 * Returns an array of items as JSON, with about 1 MB.
 * @param {number} seed
 */
export function jsonText(seed) {
  return JSON.stringify(
    Array.from({ length: 9_000 }, (_, i) => ({
      id: seed * 9_000 + i,
      name: `item ${i}`,
      tags: ['first tag', 'second tag'],
      price: ((seed + i) % 1_000) * 1.25,
      text: 'some words about it',
    })),
  );
}
