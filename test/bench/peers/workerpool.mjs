// @ts-check
/**
 * Opens workerpool with two threads that stay alive. It sends a worker one task at a time. Its only
 * setting is the queue, an array by default, which is replaced by the constant-time one.
 */
import { fileURLToPath } from 'node:url';
import { taskQueue } from './constant-time-queue.mjs';

/** @param {{ folder?: string }} [setting] `folder`: the folder of the worker, in `work/` */
export async function openWorkerpool({ folder = '' } = {}) {
  const { default: workerpool } = await import('workerpool');
  return workerpool.pool(fileURLToPath(new URL(`../work/${folder}workerpool-worker.mjs`, import.meta.url)), {
    workerType: 'thread',
    minWorkers: 'max',
    maxWorkers: 2,
    queueStrategy: taskQueue(),
  });
}
