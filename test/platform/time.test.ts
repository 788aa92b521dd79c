import { afterEach, describe, expect, it, vi } from 'vitest';
import { now, performance, setInternalClock, setTimeout, wallClock } from '../../src/platform/time.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

const real = { setTimeout: globalThis.setTimeout, performance: globalThis.performance };
afterEach(() => useRealTime());

describe('the internal clock', () => {
  it('the internal timers stay real when a test fakes the global ones', () => {
    vi.useFakeTimers();
    expect(setTimeout).toBe(real.setTimeout);
    expect(setTimeout).not.toBe(globalThis.setTimeout);
    expect(performance).toBe(real.performance);
  });

  it('setInternalClock() replaces the timers and times, and restores them', () => {
    useVirtualTime();
    const before = now();
    vi.advanceTimersByTime(5_000);
    expect(now() - before).toBeCloseTo(5_000);
    vi.setSystemTime(1_000);
    expect(wallClock()).toBe(1_000);
    setInternalClock();
    expect(wallClock()).toBeGreaterThan(1_000);
  });
});

describe('the time', () => {
  it('now() is the time since the epoch, and has fractions', () => {
    const at = now();
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000);
    expect(at).not.toBe(Math.trunc(at));
  });

  it('a system clock that is set back moves wallClock(), and now() never goes back', () => {
    useVirtualTime();
    vi.setSystemTime(50_000);
    const before = now();
    vi.setSystemTime(10_000);
    expect(wallClock()).toBe(10_000);
    expect(now()).toBeGreaterThanOrEqual(before);
  });
});
