import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StreamPace } from '../../src/worker/stream-pace.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

beforeEach(useVirtualTime);
afterEach(useRealTime);

describe('the pace of a stream', () => {
  it('every value of a source is due until the source has shown that it is quick', () => {
    const pace = startPace(100);
    expect(pace.isDue(1)).toBe(true);
    make(pace, 2, 0.1);
    expect(pace.isDue(1)).toBe(false);
  });

  it('values of a quick source are due when they fill half of the credit', () => {
    const pace = startPace(100);
    make(pace, 2, 0.1);
    expect(pace.isDue(49)).toBe(false);
    expect(pace.isDue(50)).toBe(true);
  });

  it('the clock is read once in 16 values of a quick source, and at each value of a slow one', () => {
    const pace = startPace(100);
    make(pace, 2, 0.1);
    expect(make(pace, 32, 0.01)).toBe(2);
    expect(make(pace, 16, 5)).toBe(1);
    expect(make(pace, 3, 5)).toBe(3);
  });

  it('collected values are due 1 ms after the last flush', () => {
    const pace = startPace(100);
    make(pace, 2, 0.1);
    expect(pace.isFlushDue).toBe(false);
    make(pace, 16, 0.1);
    expect(pace.isFlushDue).toBe(true);
    make(pace, 16, 0.01);
    expect(pace.isFlushDue).toBe(false);
  });

  it('a time slice is over after 10 ms, and a new one starts from zero', () => {
    const pace = startPace(100);
    make(pace, 3, 4);
    expect(pace.isSliceOver).toBe(true);
    pace.startSlice();
    make(pace, 2, 1);
    expect(pace.isSliceOver).toBe(false);
  });
});

function startPace(credit: number): StreamPace {
  const pace = new StreamPace(credit);
  pace.startSlice();
  return pace;
}

/** Makes values that take `ms` each. Returns how often the clock was read. */
function make(pace: StreamPace, count: number, ms: number): number {
  let readings = 0;
  for (let i = 0; i < count; i++) {
    vi.advanceTimersByTime(ms);
    if (pace.readClock()) readings++;
  }
  return readings;
}
