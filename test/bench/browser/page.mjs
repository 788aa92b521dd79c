// @ts-check
/** The program of the page of one contender. run.ts calls its functions. */

/** @type {Record<string, () => Promise<{ default: import('../harness/row.js').Row }>>} */
const rows = {
  'at-once': () => import('./rows/01-at-once.mjs'),
  sequential: () => import('./rows/04-sequential.mjs'),
  chains: () => import('./rows/05-chains.mjs'),
  streamed: () => import('./rows/14-streamed.mjs'),
};

/** @type {import('../harness/row.js').Measure | undefined} */
let measure;

/**
 * Opens a contender, and warms it up.
 *
 * @param {string} name the name of a row
 * @param {string} contender
 * @param {{ count: number, rounds: number }} warmUp
 */
export async function open(name, contender, warmUp) {
  const { default: row } = await /** @type {(typeof rows)['']} */ (rows[name])();
  const round = await /** @type {import('../harness/row.js').Contender} */ (row.contenders[contender]).open();
  for (let i = 0; i < warmUp.rounds; i++) await round(warmUp.count);
  measure = round;
}

/**
 * Runs a round on a clean heap.
 *
 * @param {number} count
 */
export async function run(count) {
  globalThis.gc?.();
  return measure?.(count);
}
