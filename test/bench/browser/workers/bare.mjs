// @ts-check
/** A bare worker. It answers a number with a message, and posts each value of a stream. */
import { noop, numbers } from '../../work/tasks.mjs';

const self = /** @type {any} */ (globalThis);
self.onmessage = (/** @type {{ data: number | { count: number } }} */ { data }) => {
  if (typeof data === 'number') self.postMessage(noop(data));
  else for (const value of numbers(data.count)) self.postMessage(value);
};
