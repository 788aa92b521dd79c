import { expect, it } from 'vitest';
import { Ring } from '../../src/trace/ring.js';

it('a ring returns its newest values in their order, and counts those that it dropped', () => {
  const ring = new Ring<number>(3);
  expect(ring.all()).toEqual([]);
  for (const value of [1, 2, 3]) ring.add(value);
  expect([ring.all(), ring.dropped]).toEqual([[1, 2, 3], 0]);
  for (const value of [4, 5]) ring.add(value);
  expect([ring.all(), ring.dropped]).toEqual([[3, 4, 5], 2]);
  for (const value of [6, 7]) ring.add(value);
  expect([ring.all(), ring.dropped]).toEqual([[5, 6, 7], 4]);
});
