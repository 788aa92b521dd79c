/** The executor, and the workers that it has created. */
import { Executor } from 'rx-futures';

/** @type {Worker[]} */
const workers = [];

/** @type {Executor<typeof import('./tasks.js')>} */
export const executor = new Executor({
  name: 'painter',
  worker() {
    const worker = new Worker(new URL('./tasks.worker.js', import.meta.url), { type: 'module' });
    workers.push(worker);
    return worker;
  },
  // One processor is for the page.
  maxWorkers: Math.max(2, navigator.hardwareConcurrency - 1),
});

// A tile whose worker has ended runs again, on another one.
export const drawTile = executor.tasks.drawTile.with({ retry: 3 });

/** Ends the newest worker behind the back of the executor, as a crash does. */
export function endAWorker() {
  workers.pop()?.terminate();
}
