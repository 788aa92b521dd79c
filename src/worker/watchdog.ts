/**
 * Ends a child process whose parent has gone. A child that listens hears 'disconnect'; one that is stuck in a loop hears nothing, and a parent
 * that was killed has seen to nothing: that child would take a whole core until somebody finds it.
 */
import { Worker } from 'node:worker_threads';

/** ms between two looks, so how long an orphan goes on at the most. A look takes some microseconds. */
const INTERVAL = 1_000;

/** A thread of its own, since that of the tasks may never come to a timer. */
const LOOKOUT = `
  const { workerData: { parent, interval } } = require('node:worker_threads');
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, interval);
`;

/**
 * Starts the watch; `parent` was this process's when it began.
 *
 * Costs 9 MB of memory and 20 ms of a core, once, beside the first task; from then on nothing that could be measured in half a minute, and
 * nothing at the end (Node 20, 2026-11). It keeps nothing alive.
 */
export function endWithParent(parent: number): void {
  // There ppid never changes, and Node's children belong to a job that ends with their parent.
  if (process.platform === 'win32') return;
  try {
    const thread = new Worker(LOOKOUT, {
      eval: true,
      workerData: { parent, interval: INTERVAL },
      // Not the program's loaders and preloads.
      execArgv: [],
      env: {},
    });
    thread.unref();
    // Without such a thread (no memory for it, or none allowed by --permission) the child works as well.
    thread.on('error', () => {});
  } catch {}
}
