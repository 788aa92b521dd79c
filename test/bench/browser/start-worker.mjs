// @ts-check
/** Starts the module workers of the peers, in a browser or in Bun. */

/**
 * @param {string} name a file of workers/, without its ending
 * @returns {any} a Worker of the web
 */
export function startWorker(name) {
  return new /** @type {any} */ (globalThis).Worker(new URL(`./workers/${name}.mjs`, import.meta.url), {
    type: 'module',
  });
}

/**
 * Returns the index of the worker that takes a call, if two workers take calls in turn.
 *
 * @param {number} i
 */
export const evenOrOdd = (i) => /** @type {0 | 1} */ (i & 1);
