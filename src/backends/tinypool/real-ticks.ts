/** `process.nextTick` as Node itself needs it while it starts a worker. */
import process from 'node:process';

type Tick = typeof process.nextTick;

// A fake of @sinonjs/fake-timers keeps the original beside it.
const { nextTick } = process;
const realTick = (nextTick as { clock?: { _nextTick?: Tick } }).clock?._nextTick ?? nextTick;

/**
 * Calls `start` with the real `process.nextTick` in place. Node starts the streams of a worker's output in ticks, and Sinon's fake timers
 * fake ticks by default: then nothing that a task prints would arrive, and the ticks would stay on the fake clock.
 */
export function withRealTicks<T>(start: () => T): T {
  const current = process.nextTick;
  if (current === realTick) return start();
  process.nextTick = realTick;
  try {
    return start();
  } finally {
    process.nextTick = current;
  }
}
