/**
 * This example computes on all processors, and an actor adds up the results.
 *
 * Python's concurrent.futures: threads take turns, so work for the processor needs a pool of
 * processes. No object is shared between processes, so the main program adds up the results.
 *
 * Here each worker is a thread of its own. The total is an object on one of the workers. Its method
 * is the next step of each count, and its calls run one at a time.
 */
import { all, chain, Executor } from 'rx-futures';

await using executor = new Executor<typeof import('./26-all-processors.tasks.js')>({
  tasks: new URL('./26-all-processors.tasks.js', import.meta.url),
  maxWorkers: 4,
});
await using total = executor.actors.Total();
const { countPrimes } = executor.tasks;

const RANGE = 100_000;
const starts = Array.from({ length: 15 }, (_, i) => i * RANGE);
const totals = await all(starts.map((start) => countPrimes(start, start + RANGE).pipe(chain(total.add))));

console.log('primes below 1,500,000:', Math.max(...totals));

// Output:
// primes below 1,500,000: 114155
