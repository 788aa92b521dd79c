/** Work that takes as long as it is told, and fails where it is told to. */
import { setTimeout as sleep } from 'node:timers/promises';

export async function work(ms: number, fails: boolean): Promise<void> {
  await sleep(ms);
  if (fails) throw new Error('lost');
}
