// @ts-check
/**
 * Opens each library whose workers can send many values, as a stream of the numbers from 1 to n. If
 * a library uses callbacks, an emitter and `events.on` of Node make them iterable.
 *
 * The settings of Comlink were compared with 20,000 values (2 cores, Node 20, 2026-11). A proxied
 * callback takes 80 us for each value if each call is awaited. It takes 9 us with 64 calls in
 * flight, 7 with 1,000, and 8 if no call is awaited. A proxied generator takes 100 us for each
 * value, and 15 with 64 calls of `next()` in flight. Iteration therefore uses the callback too.
 */
import { EventEmitter, on } from 'node:events';
import { Worker } from 'node:worker_threads';

/**
 * Two ways of reading the same numbers. Both resolve after the last value.
 *
 * @typedef {object} Numbers
 * @property {(count: number, next: (value: number) => void) => Promise<void>} subscribe
 * @property {(count: number, next: (value: number) => void) => Promise<void>} iterate
 */

/** @returns {Worker} */
export function openBareWorker() {
  return new Worker(new URL('../work/streaming/bare.mjs', import.meta.url)).on('error', (error) => {
    throw error;
  });
}

/** @returns {Promise<Numbers>} */
export async function openBareNumbers() {
  const worker = openBareWorker();
  return {
    subscribe: (count, next) =>
      new Promise((resolve) => {
        worker.on('message', function listener(/** @type {number} */ value) {
          next(value);
          if (value < count) return;
          worker.off('message', listener);
          resolve();
        });
        worker.postMessage({ count });
      }),
    async iterate(count, next) {
      worker.postMessage({ count });
      await iterate(worker, 'message', count, next);
    },
  };
}

/** @returns {Promise<Numbers>} */
export async function openComlink() {
  const Comlink = await import('comlink/dist/esm/comlink.mjs');
  const { default: nodeEndpoint } = await import('comlink/dist/esm/node-adapter.mjs');
  const worker = new Worker(new URL('../work/streaming/comlink.mjs', import.meta.url));
  /** @type {import('comlink').Remote<{ each: Numbers['subscribe'] }>} */
  const { each } = Comlink.wrap(nodeEndpoint(worker));
  return emitting((count, next) => each(count, Comlink.proxy(next)));
}

/** @returns {Promise<Numbers>} */
export async function openThreads() {
  const { spawn, Worker } = await import('threads');
  const { numbers } = await spawn(new Worker('../work/streaming/threads.mjs'));
  return emitting((count, next) => new Promise((resolve, reject) => numbers(count).subscribe(next, reject, resolve)));
}

/**
 * @param {Numbers['subscribe']} subscribe
 * @returns {Numbers}
 */
function emitting(subscribe) {
  return {
    subscribe,
    async iterate(count, next) {
      const emitter = new EventEmitter();
      const sent = subscribe(count, (value) => emitter.emit('value', value));
      await iterate(emitter, 'value', count, next);
      await sent;
    },
  };
}

/**
 * @param {EventEmitter} emitter
 * @param {string} event
 * @param {number} count
 * @param {(value: number) => void} next
 */
async function iterate(emitter, event, count, next) {
  for await (const [value] of on(emitter, event)) {
    next(value);
    if (value === count) break;
  }
}
