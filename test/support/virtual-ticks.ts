/**
 * Virtual time for code whose microtasks and turns of the event loop count too. The test ends each
 * tick, so it needs no `await`.
 */
import { afterEach, beforeEach, vi } from 'vitest';
import { setInternalClock } from '../../src/platform/time.js';
import { useRealTime } from './virtual-time.js';

/** Moment at which the clock of each test starts, in ms since the epoch. */
const START = 1_000_000;

/** Time in ms for which the thread was blocked in this test. */
let blocked = 0;

/**
 * Replaces timers, `queueMicrotask` and the clock in every test of the calling file. A tick ends
 * when the test calls {@link endTick}.
 */
export function withVirtualTicks(): void {
  beforeEach(useVirtualTicks);
  afterEach(useRealTime);
}

function useVirtualTicks(): void {
  const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate'] as const;
  vi.useFakeTimers({ now: START, toFake: [...timers, 'queueMicrotask', 'performance', 'Date'] });
  blocked = 0;
  const faked = globalThis.performance;
  const performance = { timeOrigin: START, now: () => faked.now() + blocked };
  setInternalClock(Object.create(globalThis, { performance: { value: performance } }));
}

/** Runs the microtasks of this tick. */
export function endTick(): void {
  vi.runAllTicks();
}

/** Lets the event loop turn: callbacks of `setImmediate` run, and timers that are due. */
export function nextTurn(): void {
  vi.advanceTimersByTime(0);
}

/** Advances the clock, and runs the timers that are due on the way. */
export function pass(ms: number): void {
  vi.advanceTimersByTime(ms);
}

/** Advances the clock without a turn of the event loop, as a long callback does. No timer runs. */
export function block(ms: number): void {
  blocked += ms;
}
