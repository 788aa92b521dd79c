// @ts-check
/**
 * A bare worker thread. It calls one function with each message of the port and posts the result.
 */
import { workerData } from 'node:worker_threads';
import { fibAll, noop } from './tasks.mjs';

const tasks = { fibAll, noop };

/** @type {{ port: import('node:worker_threads').MessagePort, task: keyof typeof tasks }} */
const { port, task } = workerData;
const run = /** @type {(argument: any) => unknown} */ (tasks[task]);
port.on('message', (argument) => port.postMessage(run(argument)));
