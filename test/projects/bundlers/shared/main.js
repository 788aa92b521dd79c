import { Worker } from 'node:worker_threads';
import { Executor } from 'rx-futures';
import { useAll } from './checks.js';

/** @type {Executor<typeof import('./tasks.js')>} */
const executor = new Executor({
  worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url)),
  maxWorkers: 1,
});
await useAll(executor);
