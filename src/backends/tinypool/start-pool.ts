/**
 * Starts a pool of one worker and returns the worker itself.
 *
 * tinypool creates the worker inside a constructor, and its pool replaces a worker that fails. Node
 * publishes each new thread and process on a channel. So, on Node, the worker is prepared here
 * before tinypool sees it:
 *
 *   - The first listener of its `error` events keeps the pool from replacing it.
 *   - A process has a `send` from its start. Without a free file descriptor, `fork()` returns a
 *     process without a `send`, and reports the reason in a later `error` event. Before that event,
 *     tinypool calls `send`. The call would throw, and tinypool's ports would stay open.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { Tinypool } from 'tinypool';
import type { NodeWorker } from '../node-worker/session.js';
import { withRealTicks } from './real-ticks.js';

export type PoolOptions = NonNullable<ConstructorParameters<typeof Tinypool>[0]>;

export interface StartedPool {
  readonly pool: Tinypool;
  readonly worker: NodeWorker;
}

/** @throws any error of `new Worker()` or `fork()`. Then no worker runs */
export function startPool(options: PoolOptions, failed: (error: unknown) => void): StartedPool {
  let pool: Tinypool | undefined;
  const workers: NodeWorker[] = [];
  const prepare = (worker: NodeWorker) => {
    workers.push(worker);
    worker.prependListener('error', (error) => {
      if (pool !== undefined) replaceNone(pool);
      failed(error);
    });
  };
  const made = (message: unknown) => {
    const worker = workerOf(message);
    // `send` is undefined if `fork()` has failed, and tinypool calls it at once. If the process has
    // a channel, `fork()` replaces this function.
    if (!('threadId' in worker)) worker.send ??= () => false;
    prepare(worker);
  };
  const channel = options.runtime === 'child_process' ? 'child_process' : 'worker_threads';
  subscribe(channel, made);
  try {
    // Atomics would freeze the event loop of an idle worker. A timer that a task left behind would
    // then fire during the next task.
    pool = withRealTicks(() => new Tinypool({ minThreads: 1, maxThreads: 1, useAtomics: false, ...options }));
  } catch (error) {
    for (const worker of workers) end(worker);
    throw error;
  } finally {
    unsubscribe(channel, made);
  }
  // Bun publishes no workers on these channels. There the worker is prepared after the pool has
  // seen it.
  if (workers.length === 0) prepare(workerOf(pool.threads[0]));
  return { pool, worker: workers[0]! };
}

/**
 * Keeps the pool from replacing its worker. Only the scheduler decides whether a dead worker is
 * replaced.
 */
export function replaceNone(pool: Tinypool): void {
  Object.assign(pool.options, { minThreads: 0 });
}

/** Returns the worker of a message of Node's channels, or of tinypool's wrapper around a worker. */
function workerOf(holder: unknown): NodeWorker {
  const { worker, thread, process } = holder as { worker?: Worker; thread?: Worker; process?: NodeWorker };
  return (worker ?? thread ?? process)!;
}

function end(worker: NodeWorker): void {
  if ('threadId' in worker) void worker.terminate();
  // kill() without a pid would kill the process group of this process.
  else if (worker.pid !== undefined) worker.kill('SIGKILL');
}
