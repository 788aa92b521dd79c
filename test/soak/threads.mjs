/**
 * All worker threads of this process, and a way to end one from outside, as the kernel or a debugger would. Import it before
 * anything that starts workers: it puts a Worker that enlists itself in the place of Node's.
 */
import { syncBuiltinESMExports } from 'node:module';
import workerThreads from 'node:worker_threads';

/** @type {Set<import('node:worker_threads').Worker>} */
export const liveThreads = new Set();
/** The ids of those that have come up. @type {Set<number>} */
const readyThreads = new Set();
/** The ids of those that were ended from outside. */
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

/** Shots at threads that were starting, since the last one came up. */
let shotStarting = 0;

/** @param {number} threadId */
export function cameUp(threadId) {
  readyThreads.add(threadId);
  shotStarting = 0;
}

/**
 * Ends a thread, whatever it does, starting included. But only one that starts until the next has come up: after three failed
 * starts in a row an executor gives up, as it should.
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
