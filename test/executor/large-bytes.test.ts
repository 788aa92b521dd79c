/**
 * Large typed arrays are sent to another thread as copies that are moved. The sender keeps the
 * original, and can send it again.
 */
import { describe, expect, it } from 'vitest';
import { open } from '../support/open.js';

const SIZE = 1_000_000;

describe('large bytes', () => {
  it('the sender keeps its large bytes when they are passed as an argument or returned as a result', async () => {
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

  it('a second attempt receives the large bytes as they were passed', async () => {
    await using executor = open('moving.js', { maxWorkers: 1 });
    const { sumAtSecond } = executor.tasks;
    expect(await sumAtSecond.with({ retry: 1 })(new Uint8Array(SIZE).fill(1))).toBe(SIZE);
  });

  it('the next worker receives the large bytes if a worker dies before it started the task (G6)', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    const { exitSoon, giveBytes, lengthOf } = executor.tasks;
    const bytes = await giveBytes(SIZE);
    for (let i = 0; i < 5; i++) {
      // The worker exits right after its answer, so the next task is sent to a dying worker.
      await exitSoon();
      expect(await lengthOf(bytes)).toBe(SIZE);
    }
  });
});
