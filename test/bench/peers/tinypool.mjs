// @ts-check
/** Opens tinypool with two threads that stay alive. */
import { fileURLToPath } from 'node:url';
import { ConstantTimeQueue } from './constant-time-queue.mjs';

/**
 * @param {object} [setting]
 * @param {string} [setting.task] the task that `run(argument)` runs
 * @param {string} [setting.module]
 * @param {number} [setting.inFlight] number of tasks in flight per worker
 * @param {boolean} [setting.useAtomics]
 * @param {boolean} [setting.hasOwnQueue] uses the queue of tinypool, which is an array
 */
export async function openTinypool({
  task = 'noop',
  module = 'tasks',
  inFlight = 1,
  useAtomics = true,
  hasOwnQueue,
} = {}) {
  const { Tinypool } = await import('tinypool');
  return new Tinypool({
    filename: fileURLToPath(new URL(`../work/${module}.mjs`, import.meta.url)),
    name: task,
    minThreads: 2,
    maxThreads: 2,
    concurrentTasksPerWorker: inFlight,
    useAtomics,
    ...(hasOwnQueue ? {} : { taskQueue: new TaskQueue() }),
  });
}

class TaskQueue {
  /** @type {ConstantTimeQueue<import('tinypool').Task>} */
  #tasks = new ConstantTimeQueue();

  get size() {
    return this.#tasks.length;
  }

  /** @param {import('tinypool').Task} task */
  push(task) {
    this.#tasks.push(task);
  }

  shift() {
    return this.#tasks.shift() ?? null;
  }

  /** @param {import('tinypool').Task} task */
  remove(task) {
    this.#tasks.remove(task);
  }

  cancel() {
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) task.cancel();
  }
}
