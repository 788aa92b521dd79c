/** The tasks of example 26: one counts the primes of a range, and a class adds up the counts. */

export function countPrimes(from: number, to: number): number {
  let count = 0;
  for (let n = Math.max(from, 2); n < to; n++) if (isPrime(n)) count++;
  return count;
}

/** Tries all divisors, because this example is about work that takes long. */
function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return true;
}

export class Total {
  #sum = 0;

  add(count: number): number {
    this.#sum += count;
    return this.#sum;
  }
}
