/** Provides the real `process.nextTick`, which Node needs while it starts a worker. */
import type { Worker } from 'node:worker_threads';

type Tick = typeof process.nextTick;

// The fakes of @sinonjs/fake-timers keep the original function in `clock._nextTick`.
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

/**
 * Passes on the output of a thread with the real `process.nextTick`. Node ends the two streams when
 * the thread ends. With fake ticks, the ticks of their ends would remain on the fake clock.
 */
export function readWithRealTicks({ stdout, stderr }: Worker): void {
  for (const stream of [stdout, stderr]) {
    // `stdout` and `stderr` of a thread may be missing on Bun.
    if (!stream) continue;
    const { push, destroy } = stream;
    stream.push = (...args) => withRealTicks(() => push.apply(stream, args));
    stream.destroy = (error) => withRealTicks(() => destroy.call(stream, error));
  }
}
