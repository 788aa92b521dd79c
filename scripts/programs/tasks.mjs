/** The tasks of tasks-and-result.mjs. */
import { currentTask } from 'rx-futures/worker';

export const sum = (a, b) => a + b;

export function* count(to) {
  for (let i = 1; i <= to; i++) yield i;
}

export async function progress() {
  currentTask().progress('half');
  await new Promise((resolve) => setTimeout(resolve, 1));
}

export async function forever() {
  const { signal } = currentTask();
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
}
