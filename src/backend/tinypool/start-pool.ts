/**
 * Starts a pool of one worker and returns the worker itself. tinypool makes the worker inside a constructor, and two things must be done
 * before it can do anything else: its `error` events need a listener, and the pool must not replace a worker that fails.
 *
 * Node publishes each new thread and process on a channel, so both are in hand also if the constructor throws later. A `fork()` without a
 * free file descriptor is such a case: it returns, tinypool throws at the `send` that the process lacks, and `error` follows.
 */
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Worker } from 'node:worker_threads';
import { Tinypool } from 'tinypool';

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
    // The first listener of `error`: tinypool's own one starts a replacement unless `minThreads` is 0 by then.
    worker.on('error', (error) => {
      if (pool !== undefined) replaceNone(pool);
      failed(error);
    });
  };
  const channel = options.runtime === 'child_process' ? 'child_process' : 'worker_threads';
  subscribe(channel, made);
  try {
    // With Atomics an idle worker's event loop is frozen: what a task left behind would fire inside the next one.
    pool = new Tinypool({ minThreads: 1, maxThreads: 1, useAtomics: false, ...options });
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
  if ('terminate' in worker) void worker.terminate();
  else worker.kill('SIGKILL');
}
