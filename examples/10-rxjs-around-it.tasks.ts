/** One task that is quick, one that fails at first, one that takes its time. */
import { setTimeout as sleep } from 'node:timers/promises';

export function shout(word: string): string {
  return `${word.toUpperCase()}!`;
}

/** Fails twice for each name, then works. */
export function flaky(name: string): string {
  const run = (runs.get(name) ?? 0) + 1;
  runs.set(name, run);
  if (run <= 2) throw new Error(`run ${run} failed`);
  return `run ${run} worked`;
}

const runs = new Map<string, number>();

export async function search(query: string): Promise<string> {
  await sleep(100);
  return `results for ${query}`;
}
