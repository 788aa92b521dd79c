/** The check of `maxMemoryPerWorker` on a worker. */
import { describe, expect, it } from 'vitest';
import { usedHeap } from '../../src/platform/heap.js';
import { HeapLimit } from '../../src/worker/heap-limit.js';

describe('a heap limit', () => {
  it('isReached() returns true only for the first task that reaches the limit', () => {
    let used = 99;
    const limit = new HeapLimit(100, () => used);
    expect(limit.isReached(1)).toBe(false);
    used = 100;
    expect([limit.isReached(2), limit.isReached(3)]).toEqual([true, false]);
  });

  it('the heap is measured at most once in 0.25 ms', () => {
    let measured = 0;
    const limit = new HeapLimit(100, () => ++measured);
    for (let now = 0; now < 1; now += 0.125) limit.isReached(now);
    expect(measured).toBe(4);
  });

  it('the heap in use is some bytes', () => {
    expect(usedHeap()).toBeGreaterThan(1_000_000);
  });
});
