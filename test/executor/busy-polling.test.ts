/** A worker that hears often stays awake between two messages (src/worker/attention.ts). To its tasks that must not show. */
import { expect, it } from 'vitest';
import { open } from '../support/open.js';

it('promises that a task has left have had their turn before the next one begins, however soon that comes', async () => {
  await using executor = open('values.js', { maxWorkers: 1 });
  const { leavePromises, promisesKept } = executor.tasks;
  for (let i = 1; i <= 500; i++) {
    await leavePromises();
    expect(await promisesKept()).toBe(i);
  }
});
