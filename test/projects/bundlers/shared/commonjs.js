/** As main.js, for a bundle of CommonJS, which has no `import.meta`. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { Executor } from 'rx-futures';
import { useAll } from './checks.js';

/** @type {Executor<typeof import('./tasks.js')>} */
const executor = new Executor({
  worker: () => new Worker(path.join(__dirname, 'tasks.worker.cjs')),
  maxWorkers: 1,
});
void useAll(executor);
