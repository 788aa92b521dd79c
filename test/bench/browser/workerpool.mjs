// @ts-check
/**
 * Opens workerpool with two workers that stay alive. It sends a worker one task at a time. Its
 * queue is replaced by the constant-time one. In Bun 1.4.5, its worker threads do not answer, but
 * its web workers do.
 */
import workerpool from 'workerpool';
import { taskQueue } from '../peers/constant-time-queue.mjs';

export function openWorkerpool() {
  return workerpool.pool(new URL('./workers/workerpool.mjs', import.meta.url).href, {
    workerType: 'web',
    workerOpts: { type: 'module' },
    minWorkers: 'max',
    maxWorkers: 2,
    queueStrategy: taskQueue(),
  });
}
