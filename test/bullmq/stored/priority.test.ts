import { expect, it } from 'vitest';
import { bullPriority } from '../../../src/bullmq/stored/priority.js';

it('a higher priority becomes a lower number of BullMQ, which runs first', () => {
  const order = [5, 1, 0.4, 0, -1, -5].map(bullPriority);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(bullPriority(1)).toBeLessThan(bullPriority(0));
  expect(bullPriority(0)).toBeLessThan(bullPriority(-1));
});

it('every priority, however large, becomes an integer from 1 to 2,097,151', () => {
  const all = [Number.MAX_VALUE, Number.MIN_SAFE_INTEGER, 2 ** 20, -(2 ** 20), 0, 0.5].map(bullPriority);
  expect(all.every((priority) => Number.isInteger(priority) && priority >= 1 && priority <= 2_097_151)).toBe(true);
  expect([bullPriority(Number.MAX_VALUE), bullPriority(-Number.MAX_VALUE)]).toEqual([1, 2_097_151]);
});
