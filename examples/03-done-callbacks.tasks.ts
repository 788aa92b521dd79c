/** One task that works, one that fails, one that takes its time; the first says when it is done. */
import { setTimeout as sleep } from 'node:timers/promises';

export function work(n: number): number {
  console.log('The task is done.');
  return n * n;
}

export function fail(message: string): never {
  throw new RangeError(message);
}

export async function dawdle(): Promise<void> {
  await sleep(60_000);
}
