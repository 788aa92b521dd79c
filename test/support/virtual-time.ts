/** Virtual time for the timers of the library. `vi.useFakeTimers` alone does not replace them. */
import { vi } from 'vitest';
import { setInternalClock } from '../../src/platform/time.js';

/** Replaces the clock of the program and the internal clock of the library by a virtual one. */
export function useVirtualTime(): void {
  vi.useFakeTimers();
  setInternalClock(globalThis);
}

/**
 * Like {@link useVirtualTime}, but turns of the event loop are real. So tasks of the inline backend
 * run while the clock stands still. Wait with {@link during}.
 */
export function useVirtualClock(): void {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] });
  setInternalClock(globalThis);
}

/**
 * Replaces only intervals. Real workers run, and a test decides when the library polls.
 */
export function useVirtualIntervals(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  setInternalClock(globalThis);
}

export function useRealTime(): void {
  vi.useRealTimers();
  setInternalClock();
}

/**
 * Waits for a promise in the time of {@link useVirtualClock}. Before each turn of the event loop,
 * the clock moves on by `step` ms. With a step of 0, it stands still.
 */
export async function during<T>(promise: PromiseLike<T>, step = 0): Promise<T> {
  let isSettled = false;
  const end = () => {
    isSettled = true;
  };
  promise.then(end, end);
  while (!isSettled) {
    vi.advanceTimersByTime(step);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return promise;
}
