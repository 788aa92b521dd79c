// @ts-check
/** A bare worker that posts each value of a task as a message. */
import { parentPort } from 'node:worker_threads';
import { countedNumbers, lines, numbers, records } from '../tasks.mjs';

/** @type {Record<string, (argument: any) => Iterable<unknown>>} */
const tasks = { countedNumbers, lines, numbers, records };

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
port.on('message', ({ task, argument }) => {
  for (const value of /** @type {(typeof tasks)[0]} */ (tasks[task])(argument)) port.postMessage(value);
});
