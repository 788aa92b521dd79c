/** The task of example 15: it takes 20 ms and fails for every third number. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function work(n: number): Promise<number> {
  await sleep(20);
  if (n % 3 === 0) throw new RangeError(`${n} is a multiple of 3`);
  return n * n;
}
