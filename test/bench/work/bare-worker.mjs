// @ts-check
/**
 * A bare worker thread. It calls one function with each message of the port and posts the result.
 */
import { workerData } from 'node:worker_threads';

/**
 * @type {{
 *   port: import('node:worker_threads').MessagePort,
 *   module: string,
 *   task: string,
 *   isMany: boolean,
 * }}
 */
const { port, module, task, isMany } = workerData;
const { [task]: run } = await import(module);
port.on('message', (argument) => port.postMessage(isMany ? argument.map(runOne) : run(argument)));

/** @param {unknown} argument */
function runOne(argument) {
  return run(argument);
}
