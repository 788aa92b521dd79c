// @ts-check
/** A worker of Comlink. It streams values through a proxied callback. */
import * as Comlink from 'comlink/dist/esm/comlink.mjs';
import { fetchPage, noop, numbers, parse, save } from '../../work/tasks.mjs';

/** Number of calls in flight before one is awaited. peers/streams.mjs has the comparison. */
const WINDOW = 1_000;

const exposed = {
  noop,
  fetchPage,
  parse,
  save,
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
};

/** @typedef {typeof exposed} Exposed */

Comlink.expose(exposed);
