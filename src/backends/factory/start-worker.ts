/** Calls the function that creates a worker, and waits until the worker's file serves its tasks. */
import { Worker } from 'node:worker_threads';
import { headlineOf } from '../../protocol/error-text.js';
import { FIND, isHandshake, openRequest } from '../../protocol/served-worker.js';
import { show } from '../../util/validate.js';
import { StartFault } from '../backend.js';
import type { StartedWorker } from '../node-worker/session.js';
import type { WorkerFactory } from '../runtime.js';
import { readWithRealTicks, withRealTicks } from '../tinypool/real-ticks.js';

const OPTION = 'Executor: option "worker"';

/** Workers that belong to a session. A worker serves one session in its life. */
const taken = new WeakSet<Worker>();

/**
 * Starts a worker through a function of the program.
 *
 * @throws the error of the function
 * @throws TypeError if the function does not return a new worker thread
 */
export function startWorker(create: WorkerFactory, failed: (error: unknown) => void): StartedWorker {
  const worker = newWorker(withRealTicks(create));
  taken.add(worker);
  readWithRealTicks(worker);
  let isServing = false;
  let isKilled = false;
  let hasEnded = false;
  let served = () => {};
  const serving = new Promise<void>((resolve) => {
    served = resolve;
  });
  // The listener stays. Without a listener, the worker would ref its port again for the next one,
  // and an idle worker would keep the process alive.
  worker.on('message', (message) => {
    if (isServing || !isHandshake(message, 'serving')) return;
    isServing = true;
    served();
  });
  worker.on('error', (error) => failed(isServing || isOfNode(error) ? error : failedEarly(error)));
  worker.once('exit', (code) => {
    hasEnded = true;
    if (!isServing && !isKilled) failed(exitedEarly(code));
  });
  // Only pending work keeps the process alive (G13), so an idle worker must not.
  worker.unref();
  worker.postMessage(FIND);
  return {
    worker,
    async open(request, { transferList }) {
      await serving;
      if (!hasEnded) worker.postMessage(openRequest(request), transferList as never);
    },
    kill() {
      isKilled = true;
      void worker.terminate();
    },
    ended() {},
    get missing() {
      return isServing ? undefined : MISSING;
    },
  };
}

function newWorker(returned: unknown): Worker {
  if (!(returned instanceof Worker)) {
    const advice = returned instanceof Promise ? 'Return the Worker itself, not a promise of it.' : EXAMPLE;
    throw new TypeError(
      `${OPTION}: expected a function that returns a new Worker of "node:worker_threads", but it returned ${show(returned)}. ${advice}`,
    );
  }
  if (taken.has(returned)) {
    throw new TypeError(`${OPTION}: the function returned the same Worker twice. Create a new Worker in each call.`);
  }
  if (returned.threadId === ENDED) {
    throw new TypeError(`${OPTION}: the function returned a Worker that has ended. Create a new Worker in each call.`);
  }
  return returned;
}

const EXAMPLE = "Return one, as in: worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)).";

/** The `threadId` of a worker that has ended. */
const ENDED = -1;

const MISSING = {
  reason: 'its file has not called serveWorker()',
  advice: 'Import serveWorker from "rx-futures/worker", and call serveWorker(tasks) in the file of the worker.',
};

/**
 * The worker threw an error before it served. In the error for the user, the text follows the name
 * of the worker.
 */
function failedEarly(error: unknown): StartFault {
  return new StartFault(`failed before its file called serveWorker(): ${headlineOf(error)}`, { cause: error });
}

function exitedEarly(code: number): StartFault {
  return new StartFault(`exited with code ${code} before its file called serveWorker(). ${MISSING.advice}`);
}

/**
 * Returns true for an error of Node itself, such as a lack of memory or of file descriptors. The
 * next worker may start, because other programs may release memory or files meanwhile.
 */
function isOfNode(error: unknown): boolean {
  return String((error as NodeJS.ErrnoException | undefined)?.code).startsWith('ERR_WORKER_');
}
