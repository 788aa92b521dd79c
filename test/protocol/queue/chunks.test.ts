import fc from 'fast-check';
import { expect, it } from 'vitest';
import { chunks, MAX_KEYS } from '../../../src/protocol/queue/chunks.js';

it('the chunks of a list contain each item once, in its order, and none is empty or too long', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 7 }), (list, size) => {
      const parts = [...chunks(list, size)];
      expect(parts.flat()).toEqual(list);
      expect(parts.every(({ length }) => length > 0 && length <= size)).toBe(true);
    }),
  );
});

it('a chunk has at most 1,000 items by default', () => {
  const lengths = [...chunks(Array.from({ length: 2 * MAX_KEYS + 1 }))].map(({ length }) => length);
  expect(lengths).toEqual([1_000, 1_000, 1]);
});
