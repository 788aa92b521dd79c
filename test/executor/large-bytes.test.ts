/** Large typed arrays move between threads as copies. Nobody sees that: who passed or gave them keeps them, and they can be sent again. */
import { describe, expect, it } from 'vitest';
import { open } from '../support/open.js';

const SIZE = 1_000_000;

describe('large bytes', () => {
  it('are the caller’s still when a task has them, and the task’s when the caller has them', async () => {
    await using executor = open('moving.js', { maxWorkers: 1 });
    const { lendLarge, sum } = executor.tasks;
    const bytes = new Uint8Array(SIZE).fill(1);
    const total = sum(bytes);
    bytes.fill(2);
    expect(await total).toBe(SIZE);
    expect(bytes[SIZE - 1]).toBe(2);

    const lent = await lendLarge(9);
    expect(lent).toEqual(new Float32Array(100_000).fill(0.5));
    const again = await lendLarge();
    expect([again[0], again[1], again.length]).toEqual([9, 0.5, 100_000]);
  });

  it('are there for a second attempt, as they were passed', async () => {
    await using executor = open('moving.js', { maxWorkers: 1 });
    const { sumAtSecond } = executor.tasks;
    expect(await sumAtSecond.with({ retry: 1 })(new Uint8Array(SIZE).fill(1))).toBe(SIZE);
  });

  it('are there for the next worker, where one dies that has not begun with them (G6)', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    const { exitSoon, giveBytes, lengthOf } = executor.tasks;
    const bytes = await giveBytes(SIZE);
    for (let i = 0; i < 5; i++) {
      // The worker goes when it has given its answer, so what is sent to it then finds it dying.
      await exitSoon();
      expect(await lengthOf(bytes)).toBe(SIZE);
    }
  });
});
