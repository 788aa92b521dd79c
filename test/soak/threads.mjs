/**
 * Lists all worker threads of this process, and terminates one from outside, like the kernel or a
 * debugger. Import it before any module that starts workers, because it replaces Node's Worker by
 * one that adds itself to the list.
 */
import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

/** @type {Set<import('node:worker_threads').Worker>} */
export const liveThreads = new Set();
/** Ids of threads that are ready. @type {Set<number>} */
const readyThreads = new Set();
/** Ids of threads that were terminated from outside. */
export const shotThreads = new Set();

workerThreads.Worker = class extends workerThreads.Worker {
  /** @param {ConstructorParameters<typeof import('node:worker_threads').Worker>} args */
  constructor(...args) {
    super(...args);
    liveThreads.add(this);
    this.once('exit', () => liveThreads.delete(this));
  }
};
syncBuiltinESMExports();

/** Number of starting threads that were terminated since the last thread became ready. */
let shotStarting = 0;

/** @param {number} threadId */
export function markReady(threadId) {
  readyThreads.add(threadId);
  shotStarting = 0;
}

/**
 * Terminates a random thread in any state. Terminates only one starting thread until the next
 * thread is ready, because an executor breaks after three failed starts in a row.
 *
 * @param {import('./random.mjs').Random} random
 */
export function shootOne(random) {
  const thread = [...liveThreads][random.below(liveThreads.size)];
  if (thread === undefined || thread.threadId === -1) return false;
  if (!readyThreads.has(thread.threadId) && ++shotStarting > 1) return false;
  shotThreads.add(thread.threadId);
  void thread.terminate();
  return true;
}
