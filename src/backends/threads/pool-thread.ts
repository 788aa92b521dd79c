/** Starts a worker thread in a pool of tinypool, and protects its public port from other code. */
import type { Worker } from 'node:worker_threads';
import type { WorkerOptions } from '../backend.js';
import type { StartedWorker } from '../node-worker/session.js';
import { threadFiles } from '../tinypool/host-file.js';
import { flagsForThread } from '../tinypool/inherited-flags.js';
import { startInPool } from '../tinypool/pool-worker.js';
import { has, ignoreOthers } from '../tinypool/public-port.js';
import { readWithRealTicks } from '../tinypool/real-ticks.js';

/** @throws any error that prevents the start. Then no thread runs */
export function startThread(options: WorkerOptions, failed: (error: unknown) => void): StartedWorker {
  const started = startInPool(threadOptions(options), threadFiles, failed);
  const thread = started.worker as Worker;
  let isUp = false;
  readWithRealTicks(thread);
  ignoreOthers(thread, (message) => !isUp && has(message, { ready: true }));
  // A listener of process's 'worker' event may post to every thread. tinypool's listener in the
  // worker would throw for such a message. So these messages wait until the session is open.
  const early: Parameters<Worker['postMessage']>[] = [];
  thread.postMessage = (...args: Parameters<Worker['postMessage']>) => void early.push(args);
  return {
    ...started,
    async open(request, openOptions) {
      await started.open(request, openOptions);
      isUp = true;
      // Removes the replacement, so that calls reach the original method of Worker.prototype again.
      Reflect.deleteProperty(thread, 'postMessage');
      for (const args of early.splice(0)) thread.postMessage(...args);
    },
  };
}

function threadOptions({ execArgv = flagsForThread(), ...rest }: WorkerOptions): object {
  // `execArgv` is left out if it is undefined, because tinypool would treat it as set.
  return { runtime: 'worker_threads', ...(execArgv === undefined ? {} : { execArgv }), ...rest };
}
