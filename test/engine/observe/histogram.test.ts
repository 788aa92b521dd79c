import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../../src/engine/observe/histogram.js';

/** A sixteenth: the relative width of a bucket. */
const WIDTH = 1 / 16;
const MICROSECOND = 1e-3;
const HOUR = 3_600_000;

/**
 * Times in ms, evenly distributed over all magnitudes from a tenth of a nanosecond to two years.
 */
const time = fc.oneof(
  fc.constant(0),
  fc.double({ min: -7, max: 11, noNaN: true }).map((exponent) => 10 ** exponent),
  fc.nat({ max: 10_000 }),
);

describe('the percentiles', () => {
  it('a percentile is never too low, and at most a sixteenth or a microsecond too high', () => {
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 300 }), (times) => {
        const found = percentiles(times);
        const sorted = times.toSorted((a, b) => a - b);
        for (const [share, value] of [
          [0.5, found.p50],
          [0.9, found.p90],
          [0.99, found.p99],
        ] as const) {
          // biome-ignore format: a table
          const exact = sorted[Math.ceil(sorted.length * share) - 1]!;
          expect(value).toBeGreaterThanOrEqual(exact);
          expect(value).toBeLessThanOrEqual(exact + Math.max(exact * WIDTH, MICROSECOND) * (1 + 1e-9));
        }
      }),
      { seed: 5, numRuns: 1_000 },
    );
  });

  it('the percentiles of many similar times are equally exact', () => {
    const random = numbers(7);
    // Distributed like the times of tasks: many short ones, few long ones.
    const times = Array.from({ length: 100_000 }, () => (-Math.log(1 - random())) ** 3);
    const sorted = times.toSorted((a, b) => a - b);
    const { count, p50, p90, p99, max } = percentiles(times);
    expect(count).toBe(100_000);
    for (const [share, value] of [
      [0.5, p50],
      [0.9, p90],
      [0.99, p99],
    ] as const) {
      // biome-ignore format: a table
      const exact = sorted[Math.ceil(sorted.length * share) - 1]!;
      expect(value / exact).toBeGreaterThanOrEqual(1);
      expect(value / exact).toBeLessThanOrEqual(1 + WIDTH);
    }
    expect(max).toBe(sorted.at(-1));
  });

  it('the count, the mean and the maximum are exact', () => {
    expect(percentiles([1, 2, 6])).toMatchObject({ count: 3, mean: 3, max: 6 });
    expect(percentiles([0.1, 0.2])).toMatchObject({ count: 2, mean: expect.closeTo(0.15, 9), max: 0.2 });
  });

  it('all percentiles are 0 without times, and for times that are 0', () => {
    expect(percentiles([])).toEqual({ count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
    expect(percentiles([0, 0])).toEqual({ count: 2, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  });

  it('a percentile of times below a microsecond is at most the longest of them', () => {
    expect(percentiles([1e-4, 4e-4])).toMatchObject({ p50: 4e-4, p99: 4e-4, max: 4e-4 });
  });

  it('the percentiles distinguish hours, days and months', () => {
    for (const long of [0.59, 0.6, 1, 10, 24, 24 * 30].map((hours) => hours * HOUR)) {
      const { p50, p99, max } = percentiles([long, long, long, 2 * long]);
      expect(p50).toBeGreaterThanOrEqual(long);
      expect(p50).toBeLessThanOrEqual(long * (1 + WIDTH));
      expect([p99, max]).toEqual([2 * long, 2 * long]);
    }
  });

  it('the percentiles include times that are added later', () => {
    const histogram = new Histogram();
    histogram.add(1);
    expect(histogram.percentiles()).toMatchObject({ count: 1, p50: 1, max: 1 });
    for (let i = 0; i < 10; i++) histogram.add(100);
    expect(histogram.percentiles()).toMatchObject({ count: 11, p50: 100, max: 100 });
  });
});

function percentiles(times: readonly number[]) {
  const histogram = new Histogram();
  for (const ms of times) histogram.add(ms);
  return histogram.percentiles();
}

/** Returns numbers from 0 to 1 that are the same each time (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
