import { AsyncLocalStorage } from 'node:async_hooks';
import FakeTimers from '@sinonjs/fake-timers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setInternalClock } from '../../src/platform/time.js';
import { LONGEST_TIMER, after as startTimer, TimeLimits, UserTimer } from '../../src/platform/timers.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

afterEach(() => {
  vi.restoreAllMocks();
  useRealTime();
});

describe('after()', () => {
  it('the callback runs after the delay', () => {
    useVirtualTime();
    const callback = vi.fn();
    startTimer(10, callback);
    vi.advanceTimersByTime(9);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('a delay that is too long for a timer is reduced to the longest one', () => {
    useVirtualTime();
    const callback = vi.fn();
    startTimer(Number.POSITIVE_INFINITY, callback);
    vi.advanceTimersByTime(LONGEST_TIMER - 1);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('a negative delay counts as 0, because Node would warn about it', () => {
    useVirtualTime();
    const start = vi.spyOn(globalThis, 'setTimeout');
    setInternalClock(globalThis);
    startTimer(-12.5, () => {});
    expect(start).toHaveBeenCalledExactlyOnceWith(expect.any(Function), 0);
  });

  it('the callback runs outside of the stores of its caller', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen = await storage.run(
      'request',
      () => new Promise((resolve) => startTimer(0, () => resolve(storage.getStore()))),
    );
    expect(seen).toBe(undefined);
  });
});

describe('UserTimer', () => {
  it('a timer follows the clock that the program sees when it starts', () => {
    vi.useFakeTimers();
    const callback = vi.fn();
    const timer = new UserTimer(10, callback);
    expect(timer.isFaked).toBe(true);
    vi.advanceTimersByTime(10);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('a timer on the real clock is not faked', () => {
    const timer = new UserTimer(60_000, () => {});
    timer.stop();
    expect(timer.isFaked).toBe(false);
  });

  it('a timer stops on the clock where it started, although the clock of the program has changed', () => {
    const clock = FakeTimers.install();
    const timer = new UserTimer(10, () => {});
    clock.uninstall();
    expect(clock.countTimers()).toBe(1);
    timer.stop();
    expect(clock.countTimers()).toBe(0);
  });
});

describe('TimeLimits', () => {
  it('each limit expires after its time, and Infinity sets none', () => {
    vi.useFakeTimers();
    const limits = new TimeLimits();
    const expired = vi.fn();
    for (const ms of [20, Number.POSITIVE_INFINITY, 10]) limits.add(ms, () => expired(ms));
    expect(vi.getTimerCount()).toBe(2);
    vi.advanceTimersByTime(20);
    expect(expired.mock.calls).toEqual([[10], [20]]);
  });

  it('no limit expires after the end, whether it was set before or later', () => {
    vi.useFakeTimers();
    const limits = new TimeLimits();
    const expired = vi.fn();
    limits.add(10, expired);
    limits.stop();
    limits.add(10, expired);
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(10);
    expect(expired).not.toHaveBeenCalled();
  });
});
