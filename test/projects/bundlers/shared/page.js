/** The program of a page. run.mjs waits for `printed`. */
import { Executor } from 'rx-futures';
import { useAll } from './checks.js';

/** @type {Executor<typeof import('./tasks.js')>} */
const executor = new Executor({
  worker: () => new Worker(new URL('./tasks.worker.js', import.meta.url), { type: 'module' }),
  maxWorkers: 1,
});
/** @type {string[]} */
const lines = [];
Object.assign(globalThis, {
  printed: useAll(executor, (...parts) => lines.push(`${parts.join(' ')}\n`)).then(() => lines.join('')),
});
