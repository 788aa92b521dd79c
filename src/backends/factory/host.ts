/**
 * The worker's half of a worker that the program has created: `serveWorker`, which its file calls.
 */

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isMainThread, type MessagePort, parentPort } from 'node:worker_threads';
import { isHandshake, type OpenRequest, SERVING } from '../../protocol/served-worker.js';
import { kindOf, withArticle } from '../../util/format.js';
import { serveThread, type ThreadRequest } from '../threads/port-host.js';

const CALL = 'serveWorker(tasks)';

let isServing = false;

/**
 * Lets an executor run the tasks of a module on this worker. Call it in the file that the option
 * `worker` of the executor names. A bundler then finds the tasks and all code that they need.
 *
 * ```ts file: tasks.ts
 * export const square = (n: number) => n * n;
 * ```
 *
 * ```ts file: tasks.worker.ts
 * import { serveWorker } from 'rx-futures/worker';
 * import * as tasks from './tasks.js';
 *
 * serveWorker(tasks);
 * ```
 *
 * ```ts
 * import { Worker } from 'node:worker_threads';
 * import { Executor } from 'rx-futures';
 *
 * const executor = new Executor<typeof import('./tasks.js')>({
 *   worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)),
 * });
 * console.log(await executor.tasks.square(3));
 * // Output:
 * // 9
 * ```
 *
 * The worker stays alive until the executor ends it. Messages of the program itself may use
 * `parentPort` too.
 *
 * @param tasks an object whose functions are the tasks, such as all exports of a module
 * @throws TypeError if `tasks` is not an object
 * @throws Error if this code does not run on a worker of its own, or calls `serveWorker` again
 */
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

function checkTasks(tasks: unknown): void {
  if (typeof tasks === 'object' && tasks !== null && !(tasks instanceof Promise)) return;
  const advice =
    tasks instanceof Promise ? 'Await the import.' : "Pass all exports: import * as tasks from './tasks.js'.";
  const got = tasks instanceof Object ? withArticle(kindOf(tasks)) : String(tasks);
  throw new TypeError(`${CALL}: expected the exports of a task module, got ${got}. ${advice}`);
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
  if (isServing) {
    throw new Error(
      `${CALL}: it was called before on this worker. Pass all tasks in one call: serveWorker({ ...a, ...b }).`,
    );
  }
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
