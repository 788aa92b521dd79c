/** Virtual time for the timers of the library. `vi.useFakeTimers` alone does not replace them. */
import { vi } from 'vitest';
import { setInternalClock } from '../../src/platform/time.js';

/** Replaces the clock of the program and the internal clock of the library by a virtual one. */
export function useVirtualTime(): void {
  vi.useFakeTimers();
  setInternalClock(globalThis);
}

export function useRealTime(): void {
  vi.useRealTimers();
  setInternalClock();
}
