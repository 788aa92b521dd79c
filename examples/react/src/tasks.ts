/** The tasks. They run on workers. */
import { currentTask } from 'rx-futures/worker';

/** Counts the primes below a number, and reports how far it is. */
export function countPrimes(limit: number): number {
  const task = currentTask();
  let count = 0;
  for (let n = 2; n < limit; n++) {
    if (isPrime(n)) count++;
    if (n % 10_000 > 0) continue;
    task.throwIfCancelled();
    task.progress(n / limit);
  }
  return count;
}

/** Yields the primes below a number. */
export function* primes(limit: number): Generator<number> {
  for (let n = 2; n < limit; n++) if (isPrime(n)) yield n;
}

export function largestPrime(limit: number): number {
  for (let n = limit - 1; n >= 2; n--) if (isPrime(n)) return n;
  throw new RangeError(`There is no prime below ${limit}.`);
}

function isPrime(n: number): boolean {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}
