/** The task of example 16: it takes `ms` milliseconds and fails if `fails` is true. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function work(ms: number, fails: boolean): Promise<void> {
  await sleep(ms);
  if (fails) throw new Error('lost');
}
