/** The tasks of example 10: one returns at once, one fails twice, one takes 100 ms. */
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function shout(word: string): string {
  return `${word.toUpperCase()}!`;
}

/** Fails twice for each name, then succeeds. */
export function flaky(name: string): string {
  const run = (runs.get(name) ?? 0) + 1;
  runs.set(name, run);
  if (run <= 2) throw new Error(`run ${run} failed`);
  return `run ${run} succeeded`;
}

const runs = new Map<string, number>();

export async function search(query: string): Promise<string> {
  await sleep(100);
  return `results for ${query}`;
}
