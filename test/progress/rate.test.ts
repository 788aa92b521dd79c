import { describe, expect, it } from 'vitest';
import { Rate } from '../../src/progress/rate.js';

/** Returns a Rate with outcomes at these times, in ms. */
function rateAfter(times: readonly number[]): Rate {
  const rate = new Rate(0);
  for (const time of times) rate.record(time);
  return rate;
}

function every(gap: number, count: number, start = 0): number[] {
  return Array.from({ length: count }, (_, i) => start + (i + 1) * gap);
}

/**
 * Returns the times of outcomes of `workers` workers whose tasks all have the same length. The
 * outcomes arrive in waves, 1 ms apart.
 */
function waves({ workers, length, count }: { workers: number; length: number; count: number }): number[] {
  return every(length, count).flatMap((time) => Array.from({ length: workers }, (_, i) => time + i));
}

describe('Rate', () => {
  it('the rate is 0 before the first outcome', () => {
    expect(new Rate(0).at(5_000)).toBe(0);
  });

  it('the rate is exact for evenly spaced outcomes, from the first outcome on', () => {
    for (const gap of [1, 100, 10_000, 600_000]) {
      for (const count of [1, 2, 50]) {
        expect(rateAfter(every(gap, count)).at(gap * count)).toBeCloseTo(1 / gap, 9);
      }
    }
  });

  it('the rate ignores outcomes that exist at the start', () => {
    expect(rateAfter([0, 0, 0]).at(0)).toBe(0);
    expect(rateAfter([0, 0, 0, 100, 200]).at(200)).toBeCloseTo(1 / 100, 9);
  });

  it('the rate counts outcomes that arrive at the same moment', () => {
    expect(rateAfter([1_000, 1_000, 1_000, 1_000]).at(1_000)).toBeCloseTo(4 / 1_000, 9);
  });

  it('the rate is correct after each wave of equally long tasks, whatever their length', () => {
    for (const { workers, length } of [
      { workers: 16, length: 10_000 },
      { workers: 64, length: 60_000 },
      { workers: 4, length: 500 },
    ]) {
      for (const count of [1, 3, 10]) {
        const times = waves({ workers, length, count });
        const rate = rateAfter(times).at(times.at(-1)!);
        expect(rate * length).toBeGreaterThan(workers * 0.95);
        expect(rate * length).toBeLessThan(workers * 1.05);
      }
    }
  });

  it('the outcomes before a change have a tenth of the weight 15 s after it', () => {
    const before = every(100, 600);
    const after = every(200, 75, 60_000);
    expect(rateAfter(before).at(60_000)).toBeCloseTo(1 / 100, 9);
    const rate = rateAfter([...before, ...after]).at(75_000);
    expect(rate).toBeGreaterThan(1 / 200);
    expect(rate).toBeLessThan(1 / 200 + 0.15 * (1 / 100 - 1 / 200));
  });

  it('the rate averages about twenty rare outcomes, so that a single outcome does not change it much', () => {
    const even = every(60_000, 50);
    const early = rateAfter([...even, even.at(-1)! + 6_000]).at(even.at(-1)! + 6_000);
    expect(early * 60_000).toBeGreaterThan(1);
    expect(early * 60_000).toBeLessThan(1.2);
  });

  it('the rate stays constant until the next outcome is late, and falls from then on', () => {
    const rate = rateAfter(every(1_000, 30));
    expect(rate.at(30_900)).toBe(rate.at(30_000));
    expect(rate.at(40_000)).toBeLessThan(rate.at(32_000));
    expect(rate.at(32_000)).toBeLessThan(rate.at(30_000));
    expect(rate.at(3_600_000)).toBeLessThan(1 / 100_000);
  });
});
