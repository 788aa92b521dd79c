import { expect, it } from 'vitest';
import { Recent } from '../../src/util/recent.js';

it('a Recent returns its newest values in their order, and counts those that it dropped', () => {
  const recent = new Recent<number>(3);
  expect(recent.all()).toEqual([]);
  for (const value of [1, 2, 3]) recent.add(value);
  expect([recent.all(), recent.dropped]).toEqual([[1, 2, 3], 0]);
  for (const value of [4, 5]) recent.add(value);
  expect([recent.all(), recent.dropped]).toEqual([[3, 4, 5], 2]);
  for (const value of [6, 7]) recent.add(value);
  expect([recent.all(), recent.dropped]).toEqual([[5, 6, 7], 4]);
});
