/**
 * A worker that tinypool starts and ends: a pool of one worker, and one `run` that opens the
 * session.
 *
 * It is tempting to use one pool for all workers and one long run for each session. But that has
 * three faults:
 *
 *   1. A pending run keeps the process alive, because tinypool refs its port, and no other code can
 *      reach that port.
 *   2. An error of a starting worker can't be distinguished from an error of another worker.
 *   3. A run waits forever for a worker that ends while it starts.
 *
 * In a pool of one worker, the run is posted to its worker at once. It ends when the session is
 * open, so the queue of the pool is always empty. From then on, tinypool sends and expects no
 * messages.
 */
import type { Tinypool } from 'tinypool';
import type { StartedWorker } from '../node-worker/session.js';
import { type HostFiles, pathOfHost } from './host-file.js';
import { type PoolOptions, replaceNone, startPool } from './start-pool.js';

/**
 * Starts a worker in a pool of its own. The worker runs the file of dist, which exports
 * `openSession`.
 *
 * @throws StartFault if a file is missing, and any error of `new Worker()` or `fork()`
 */
export function startInPool(options: PoolOptions, files: HostFiles, failed: (error: unknown) => void): StartedWorker {
  // The files are looked up before the worker is created. If one is missing, no worker is left
  // behind.
  const filename = pathOfHost(files);
  const report = (error: unknown) => {
    // tinypool's error for the end of a process says less than the 'exit' event.
    if (!(error instanceof Error && error.message === 'Worker exited unexpectedly')) failed(error);
  };
  const { pool, worker } = startPool(options, report);
  // Without a listener, an error of the pool would be an uncaught exception of this process.
  pool.on('error', report);
  return {
    worker,
    async open(request, openOptions) {
      try {
        await pool.run(request, { filename, name: 'openSession', ...(openOptions as RunOptions) });
      } catch (error) {
        report(error);
        throw error;
      }
      replaceNone(pool);
    },
    kill: () => destroy(pool),
    ended() {
      replaceNone(pool);
      destroy(pool);
    },
  };
}

type RunOptions = NonNullable<Parameters<Tinypool['run']>[1]>;

function destroy(pool: Tinypool): void {
  // The promise may wait for an 'exit' that has already been emitted. The session reports the end.
  pool.destroy().catch(() => {});
}
