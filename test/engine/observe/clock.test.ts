import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Clock, since } from '../../../src/engine/observe/clock.js';

afterEach(() => void vi.restoreAllMocks());

/** Time in ms after which the clock repeats its values. */
const ROUND = 2 ** 32 / 100;
const HOUR = 3_600_000;

/** Returns the value of a clock when the process has run for that many ms. */
function tickAt(ms: number): number {
  vi.spyOn(performance, 'now').mockReturnValue(ms);
  return new Clock().now;
}

function passed(from: number, to: number): number {
  return since(tickAt(from), performance.timeOrigin + to);
}

describe('the clock', () => {
  it('the clock is read once per tick', async () => {
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

  it('the clock is always an integer of 32 bits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (ms) => {
        const tick = tickAt(ms);
        expect(tick).toBe(tick | 0);
      }),
    );
  });
});

describe('the time since a tick', () => {
  it('the time since a tick is in ms, exact to a hundredth', () => {
    expect(passed(1_000, 1_234.5)).toBeCloseTo(234.5, 1);
    expect(passed(5, 5)).toBe(0);
  });

  it.each([
    ['half a round', ROUND / 2],
    ['a round', ROUND],
    ['many rounds', 1_000.5 * ROUND],
  ])('the time since a tick stays correct when the clock wraps round after %s', (_name, timeSlice) => {
    for (const wait of [1, 1_000, HOUR]) {
      expect(passed(timeSlice - wait / 2, timeSlice + wait / 2)).toBeCloseTo(wait, 1);
    }
  });

  it('the time since a tick is correct up to twelve hours for any start', () => {
    const begin = fc.double({ min: 0, max: 1e10, noNaN: true });
    fc.assert(
      fc.property(begin, fc.double({ min: 0, max: 11.9 * HOUR, noNaN: true }), (from, wait) => {
        expect(Math.abs(passed(from, from + wait) - wait)).toBeLessThan(0.02);
      }),
    );
  });

  it('the time since a tick is never negative because of rounding', () => {
    expect(passed(100, 99.98)).toBe(0);
    expect(passed(ROUND, ROUND - 0.02)).toBe(0);
  });
});
