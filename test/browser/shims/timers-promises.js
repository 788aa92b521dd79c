/** `node:timers/promises` in a browser. */
import { setImmediate as immediate } from './process.js';

// A test may fake the global timer.
const { setTimeout: timeout } = globalThis;

/** @param {number} ms @param {unknown} [value] */
const sleep = (ms, value) => new Promise((resolve) => timeout(() => resolve(value), ms));

/** @param {unknown} [value] */
const turn = (value) => new Promise((resolve) => immediate(() => resolve(value)));

export { sleep as setTimeout, turn as setImmediate };
