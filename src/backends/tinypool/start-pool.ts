/**
 * Starts a pool of one worker and returns the worker itself. tinypool makes the worker inside a constructor, and its pool replaces a worker that
 * fails. Node publishes each new thread and process on a channel, so the worker is prepared here before tinypool sees it:
 *
 *   - the first listener of its `error` events keeps the pool from replacing it;
 *   - a process has a `send` from the beginning. `fork()` without a free file descriptor returns a process that has none, and reports the reason in
 *     an `error` event later. tinypool calls `send` before that, and would throw at it with its ports left open.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { Tinypool } from 'tinypool';
import { withRealTicks } from './real-ticks.js';

export type PoolOptions = NonNullable<ConstructorParameters<typeof Tinypool>[0]>;
export type PoolWorker = Worker | ChildProcess;

export interface StartedPool {
  readonly pool: Tinypool;
  readonly worker: PoolWorker;
}

/** @throws whatever `new Worker()` or `fork()` throws; then no worker runs */
export function startPool(options: PoolOptions, failed: (error: unknown) => void): StartedPool {
  let pool: Tinypool | undefined;
  const workers: PoolWorker[] = [];
  const made = (message: unknown) => {
    const worker = workerOf(message);
    workers.push(worker);
    // `fork()` overwrites it when there is a channel.
    if (!('threadId' in worker)) worker.send ??= () => false;
    worker.on('error', (error) => {
      if (pool !== undefined) replaceNone(pool);
      failed(error);
    });
  };
  const channel = options.runtime === 'child_process' ? 'child_process' : 'worker_threads';
  subscribe(channel, made);
  try {
    // With Atomics an idle worker's event loop is frozen: what a task left behind would fire inside the next one.
    pool = withRealTicks(() => new Tinypool({ minThreads: 1, maxThreads: 1, useAtomics: false, ...options }));
  } catch (error) {
    for (const worker of workers) end(worker);
    throw error;
  } finally {
    unsubscribe(channel, made);
  }
  return { pool, worker: workers[0]! };
}

/** From here on the scheduler alone decides whether another worker takes the place of a dead one. */
export function replaceNone(pool: Tinypool): void {
  Object.assign(pool.options, { minThreads: 0 });
}

function workerOf(message: unknown): PoolWorker {
  const { worker, process } = message as { worker?: Worker; process?: ChildProcess };
  return (worker ?? process)!;
}

function end(worker: PoolWorker): void {
  if ('threadId' in worker) void worker.terminate();
  // Without a pid, kill() would reach the process group of this process.
  else if (worker.pid !== undefined) worker.kill('SIGKILL');
}
