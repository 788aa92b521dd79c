import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Clock, since } from '../../../src/engine/observe/clock.js';

afterEach(() => void vi.restoreAllMocks());

/** ms after which the clock is back at where it was. */
const ROUND = 2 ** 32 / 100;
const HOUR = 3_600_000;

/** What a clock says where the process has run for so many ms. */
function tickAt(ms: number): number {
  vi.spyOn(performance, 'now').mockReturnValue(ms);
  return new Clock().now;
}

function passed(from: number, to: number): number {
  return since(tickAt(from), performance.timeOrigin + to);
}

describe('the clock', () => {
  it('is read once for all that one tick does, and again in the next', async () => {
    const read = vi.spyOn(performance, 'now');
    const clock = new Clock();
    read.mockReturnValue(1);
    expect([clock.now, clock.now]).toEqual([100, 100]);
    read.mockReturnValue(2);
    expect(clock.now).toBe(100);
    expect(read).toHaveBeenCalledTimes(1);
    await undefined;
    expect(clock.now).toBe(200);
  });

  it('is an integer of 32 bits at all times', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (ms) => {
        const tick = tickAt(ms);
        expect(tick).toBe(tick | 0);
      }),
    );
  });
});

describe('the time since a tick', () => {
  it('is in ms, to a hundredth', () => {
    expect(passed(1_000, 1_234.5)).toBeCloseTo(234.5, 1);
    expect(passed(5, 5)).toBe(0);
  });

  it.each([
    ['half a round', ROUND / 2],
    ['a round', ROUND],
    ['many rounds', 1_000.5 * ROUND],
  ])('survives the clock going round, after %s', (_name, timeSlice) => {
    for (const wait of [1, 1_000, HOUR]) {
      expect(passed(timeSlice - wait / 2, timeSlice + wait / 2)).toBeCloseTo(wait, 1);
    }
  });

  it('is right up to twelve hours, whenever it began', () => {
    const begin = fc.double({ min: 0, max: 1e10, noNaN: true });
    fc.assert(
      fc.property(begin, fc.double({ min: 0, max: 11.9 * HOUR, noNaN: true }), (from, wait) => {
        expect(Math.abs(passed(from, from + wait) - wait)).toBeLessThan(0.02);
      }),
    );
  });

  it('is never below 0, where rounding lets the moment come first', () => {
    expect(passed(100, 99.98)).toBe(0);
    expect(passed(ROUND, ROUND - 0.02)).toBe(0);
  });
});
