/**
 * A worker that receives messages often polls for the next one before it sleeps
 * (src/backends/threads/receiver.ts). Its tasks must not notice.
 */
import { expect, it } from 'vitest';
import { open } from '../support/open.js';

it('promises that a task has left behind run before the next task starts, however soon that task arrives', async () => {
  await using executor = open('values.js', { maxWorkers: 1 });
  const { leavePromises, promisesKept } = executor.tasks;
  for (let i = 1; i <= 500; i++) {
    await leavePromises();
    expect(await promisesKept()).toBe(i);
  }
});
