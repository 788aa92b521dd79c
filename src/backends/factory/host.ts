/**
 * The worker's half of a worker that the program has created: `serveWorker`, which its file calls.
 */

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread, type MessagePort, parentPort } from 'node:worker_threads';
import { isHandshake, type OpenRequest, SERVING } from '../../protocol/served-worker.js';
import { CALL, calledTwice, checkTasks } from '../check-tasks.js';
import { serveThread, type ThreadRequest } from '../threads/port-host.js';

let isServing = false;

/** `rx-futures/worker` exports it, and has its documentation. */
export function serveWorker(tasks: object): void {
  checkTasks(tasks);
  const port = ownPort();
  isServing = true;
  // Keeps the worker alive. Code of the program may have called `unref()` on the port before.
  port.ref();
  port.on('message', function open(message: unknown) {
    if (isHandshake(message, 'find')) port.postMessage(SERVING);
    if (!isHandshake(message, 'open')) return;
    // From now on, the port belongs to the tasks. The port of the session keeps the worker alive.
    port.off('message', open);
    const { request } = message as OpenRequest<ThreadRequest>;
    // Errors name the module by the file of this worker.
    const config = { ...request.config, module: fileOfWorker() };
    serveThread({ ...request, config }, async () => tasks as Readonly<Record<string, unknown>>);
  });
  port.postMessage(SERVING);
}

/** Returns the port to the thread that has created this worker. */
function ownPort(): MessagePort {
  if (isMainThread || parentPort === null) {
    throw new Error(
      `${CALL}: this code does not run on a worker thread. Call it in a file of its own, and name the file in the option "worker": new Executor({ worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)) }).`,
    );
  }
  if (isOfPool()) {
    throw new Error(
      `${CALL}: this worker already has its tasks. Pass the file to the option "worker" of the executor, not to "tasks": new Executor({ worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)) }).`,
    );
  }
  if (isServing) throw calledTwice();
  return parentPort;
}

/** Returns whether tinypool has started this worker, as it does for the option `tasks`. */
function isOfPool(): boolean {
  return (
    (process as { __tinypool_state__?: { isTinypoolWorker?: boolean } }).__tinypool_state__?.isTinypoolWorker === true
  );
}

function fileOfWorker(): string {
  const [, file = ''] = process.argv;
  return path.isAbsolute(file) ? pathToFileURL(file).href : file;
}
