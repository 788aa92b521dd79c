// @ts-check
/** Sends many values with Comlink, through a proxied callback. */
import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { numbers } from '../tasks.mjs';

/** Number of calls in flight before one of them is awaited. */
const WINDOW = 1_000;

Comlink.expose(
  {
    /**
     * @param {number} count
     * @param {(value: number) => Promise<void>} next
     */
    async each(count, next) {
      for (const value of numbers(count)) {
        const taken = next(value);
        if (value % WINDOW === 0 || value === count) await taken;
      }
    },
  },
  nodeEndpoint(/** @type {import('node:worker_threads').MessagePort} */ (parentPort)),
);
