/** `node:timers/promises` in a browser. */
import { setImmediate as immediate } from './process.js';

// A test may fake the global timers.
const { setTimeout: timeout, clearTimeout } = globalThis;

/** @param {number} ms @param {unknown} [value] @param {{ signal?: AbortSignal }} [options] */
const sleep = (ms, value, { signal } = {}) =>
  new Promise((resolve, reject) => {
    const timer = timeout(() => resolve(value), ms);
    const abort = () => {
      clearTimeout(timer);
      const error = new Error('The operation was aborted', { cause: signal?.reason });
      reject(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort);
  });

/** @param {unknown} [value] */
const turn = (value) => new Promise((resolve) => immediate(() => resolve(value)));

export { sleep as setTimeout, turn as setImmediate };
