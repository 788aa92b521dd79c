// @ts-check
/** A bare worker that posts each value as a message. */
import { parentPort } from 'node:worker_threads';
import { countedNumbers, numbers } from '../tasks.mjs';

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
port.on('message', ({ count, made }) => {
  for (const value of made === undefined ? numbers(count) : countedNumbers({ count, made })) port.postMessage(value);
});
