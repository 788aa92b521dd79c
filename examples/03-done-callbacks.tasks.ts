/** The tasks of example 03: one succeeds and prints a line, one fails, one takes a minute. */
import { setTimeout as sleep } from 'node:timers/promises';

export function work(n: number): number {
  console.log('The task is done.');
  return n * n;
}

export function fail(message: string): never {
  throw new RangeError(message);
}

export async function waitLong(): Promise<void> {
  await sleep(60_000);
}
