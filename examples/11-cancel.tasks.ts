/**
 * The tasks of example 11: one listens to its signal, one is an endless loop, one returns at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask } from 'rx-futures/worker';

let lastReason: unknown;

export async function download(): Promise<never> {
  const { signal, progress } = currentTask();
  signal.addEventListener('abort', () => {
    lastReason = signal.reason;
  });
  progress('started');
  // fetch, timers, streams and child processes all accept a signal.
  await sleep(60_000, undefined, { signal });
  throw new Error('the download was not cancelled');
}

/** Returns the reason for which the last download on this worker was cancelled. */
export function reasonSeen(): string {
  return lastReason instanceof Error ? lastReason.name : String(lastReason);
}

export function spin(): never {
  currentTask().progress('started');
  for (;;);
}

let count = 0;

export function countRuns(): number {
  return ++count;
}
