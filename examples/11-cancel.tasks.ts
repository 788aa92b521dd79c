/**
 * The tasks of example 11: one listens to its signal, one is an endless loop, one returns at once.
 */
import { currentTask } from 'rx-futures/worker';

let lastReason: unknown;

export async function download(): Promise<never> {
  const { signal, progress } = currentTask();
  signal.addEventListener('abort', () => {
    lastReason = signal.reason;
  });
  progress('started');
  // Imitates a download without an end. A real one passes the signal on: fetch(url, { signal }).
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
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
