/** The executor of the page, and its tasks. */
import { Executor } from 'rx-futures';

export const executor = new Executor<typeof import('./tasks')>({
  worker: () => new Worker(new URL('./tasks.worker.ts', import.meta.url), { type: 'module' }),
  maxWorkers: 3, // one for each part of the page
});
export const { countPrimes, primes, largestPrime } = executor.tasks;
