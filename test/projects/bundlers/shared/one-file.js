/** A program whose main side and worker are one file. */
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker } from 'node:worker_threads';
import { Executor } from 'rx-futures';
import { serveWorker } from 'rx-futures/worker';
import { useAll } from './checks.js';
import * as tasks from './tasks.js';

if (isMainThread) {
  /** @type {Executor<typeof tasks>} */
  const executor = new Executor({ worker: () => new Worker(fileURLToPath(import.meta.url)), maxWorkers: 1 });
  await useAll(executor);
} else {
  serveWorker(tasks);
}
