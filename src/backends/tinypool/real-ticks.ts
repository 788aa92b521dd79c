/** Provides the real `process.nextTick`, which Node needs while it starts a worker. */

type Tick = typeof process.nextTick;

// A fake of @sinonjs/fake-timers keeps the original function.
const { nextTick } = process;
const realTick = (nextTick as { clock?: { _nextTick?: Tick } }).clock?._nextTick ?? nextTick;

/**
 * Calls `start` with the real `process.nextTick`. Node uses ticks to start the output streams of a
 * worker, and Sinon's fake timers fake ticks by default. With fake ticks, the output of tasks would
 * not arrive, and the ticks would remain on the fake clock.
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
