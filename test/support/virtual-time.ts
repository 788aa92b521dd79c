/** Virtual time for the library's own timers. `vi.useFakeTimers` alone leaves them on the real clock. */
import { vi } from 'vitest';
import { setInternalClock } from '../../src/platform/time.js';

/** Fakes the clock of the program and the internal clock of the library. */
export function useVirtualTime(): void {
  vi.useFakeTimers();
  setInternalClock(globalThis);
}

export function useRealTime(): void {
  vi.useRealTimers();
  setInternalClock();
}
