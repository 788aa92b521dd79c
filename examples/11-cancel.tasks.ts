/** A task that listens to its signal, one that can't hear anything, and one that is quick. */
import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask } from 'rx-futures/worker';

let lastReason: unknown;

export async function download(): Promise<never> {
  const { signal, progress } = currentTask();
  signal.addEventListener('abort', () => {
    lastReason = signal.reason;
  });
  progress('begun');
  await sleep(60_000, undefined, { signal }); // fetch, timers, streams and child processes all take a signal
  throw new Error('nobody has stopped it');
}

/** Why the last download on this worker was stopped. */
export function reasonSeen(): string {
  return lastReason instanceof Error ? lastReason.name : String(lastReason);
}

export function spin(): never {
  currentTask().progress('begun');
  for (;;);
}

let count = 0;

export function countRuns(): number {
  return ++count;
}
