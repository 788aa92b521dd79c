// @ts-check
/** Sends many values with Comlink, through a proxied callback. */
import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink/dist/esm/comlink.mjs';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { lines, numbers, records } from '../tasks.mjs';

/** Number of calls in flight before one of them is awaited. */
const WINDOW = 1_000;

const tasks = { lines, numbers, records };

Comlink.expose(
  {
    /**
     * @param {keyof typeof tasks} task
     * @param {number} count
     * @param {(value: any) => Promise<void>} next
     */
    async each(task, count, next) {
      let sent = 0;
      for (const value of tasks[task](count)) {
        const taken = next(value);
        if (++sent % WINDOW === 0 || sent === count) await taken;
      }
    },
  },
  nodeEndpoint(/** @type {import('node:worker_threads').MessagePort} */ (parentPort)),
);
