/** Creates a worker of a browser, and waits until its file serves its tasks. */
import { FIND, isHandshake, openRequest } from '../../protocol/served-worker.js';
import { show } from '../../util/validate.js';
import { type Session, StartFault } from '../backend.js';
import type { WorkerFactory } from '../runtime.js';
import type { ErrorLike, Message, WebWorker } from './dom.js';

declare const Worker: new (url: URL, options: { readonly type: 'module'; readonly name: string }) => WebWorker;

/**
 * Creates a worker that imports the module of the option `tasks`. The form of this call lets
 * bundlers find the file.
 */
export function moduleWorker(name: string): WebWorker {
  return new Worker(new URL('./worker-host.js', import.meta.url), { type: 'module', name });
}

/** A worker that was created. */
export interface StartedWorker {
  /** Sends the request that opens a session, as soon as the worker serves its tasks. */
  open(request: unknown, transfer: readonly unknown[]): void;
  kill(): void;
  readonly missing: Session['missing'];
}

const OPTION = 'Executor: option "worker"';
const EXAMPLE =
  "Return one, as in: worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url), { type: 'module' }).";

const MISSING = {
  reason: 'its file has not called serveWorker()',
  advice: 'Import serveWorker from "rx-futures/worker", and call serveWorker(tasks) in the file of the worker.',
};

/** Workers that belong to a session. A worker serves one session in its life. */
const taken = new WeakSet<WebWorker>();

/**
 * Starts a worker. `failed` receives the error of a worker that could not be loaded.
 *
 * @throws the error of the function
 * @throws TypeError if the function does not return a new worker
 */
export function startWorker(create: WorkerFactory, failed: (error: unknown) => void): StartedWorker {
  const worker = newWorker(create());
  taken.add(worker);
  let isServing = false;
  let served = () => {};
  const serving = new Promise<void>((resolve) => {
    served = resolve;
  });
  worker.addEventListener('message', function listen(event) {
    if (!isHandshake((event as Message<unknown>).data, 'serving')) return;
    worker.removeEventListener('message', listen);
    isServing = true;
    served();
  });
  worker.addEventListener('error', (event) => {
    // The port of the session reports the errors of a worker that serves.
    event.preventDefault();
    if (!isServing) failed(failedEarly(event));
  });
  worker.postMessage(FIND);
  return {
    open: (request, transfer) => void serving.then(() => worker.postMessage(openRequest(request), transfer)),
    kill: () => worker.terminate(),
    get missing() {
      return isServing ? undefined : MISSING;
    },
  };
}

function newWorker(returned: unknown): WebWorker {
  if (!isWorker(returned)) {
    const advice = returned instanceof Promise ? 'Return the Worker itself, not a promise of it.' : EXAMPLE;
    throw new TypeError(
      `${OPTION}: expected a function that returns a new Worker, but it returned ${show(returned)}. ${advice}`,
    );
  }
  if (taken.has(returned)) {
    throw new TypeError(`${OPTION}: the function returned the same Worker twice. Create a new Worker in each call.`);
  }
  return returned;
}

function isWorker(value: unknown): value is WebWorker {
  return value instanceof EventTarget && 'terminate' in value && 'postMessage' in value;
}

/** In the error for the user, the text follows the name of the worker. */
function failedEarly(event: ErrorLike): StartFault {
  const what =
    event.message || 'its file could not be loaded. Check its address, and `worker-src` of the Content-Security-Policy';
  return new StartFault(`failed before its file called serveWorker(): ${what}`, { cause: event.error });
}
