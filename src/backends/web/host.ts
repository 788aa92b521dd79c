/**
 * The worker's half of a worker that the program has created in a browser: `serveWorker`, which
 * `rx-futures/worker` exports.
 */
import { CALL, calledTwice, checkTasks } from '../check-tasks.js';
import type { WorkerScope } from './dom.js';
import { serve } from './port-host.js';

let isServing = false;

export function serveWorker(tasks: object): void {
  checkTasks(tasks);
  if (!isWorker()) {
    throw new Error(
      `${CALL}: this code does not run on a worker. Call it in a file of its own, and name the file in the option "worker": new Executor({ worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url), { type: 'module' }) }).`,
    );
  }
  if (isServing) throw calledTwice();
  isServing = true;
  const { href } = (globalThis as unknown as WorkerScope).location;
  // Errors name the module by the file of this worker.
  serve(async () => tasks as Readonly<Record<string, unknown>>, href);
}

function isWorker(): boolean {
  const { WorkerGlobalScope } = globalThis as { readonly WorkerGlobalScope?: new () => object };
  return WorkerGlobalScope !== undefined && globalThis instanceof WorkerGlobalScope;
}
