/** maxMemoryPerWorker: a worker whose heap has reached the limit is replaced after its task. */
import type { ExecutorOptions } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { record } from '../support/events.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

/** The note of the finalizer. */
const FINALIZER = 3;

function finalized(gate: Gate): ExecutorOptions {
  return { maxWorkers: 1, initializer: 'open', initArgs: [gate.cells], finalizer: 'close' };
}

describe('maxMemoryPerWorker', () => {
  it('a worker whose heap has reached the limit is replaced after its task, and runs its finalizer', async () => {
    using gate = new Gate();
    const executor = open('finalized.js', { ...finalized(gate), maxMemoryPerWorker: 60 * 2 ** 20 });
    const events = record(executor);
    const small = await executor.tasks.work();
    const large = await executor.tasks.keep(100);
    const later = await executor.tasks.work();
    expect(small).toBe(large);
    expect(later).not.toBe(large);
    expect(events.of('worker-recycled')).toMatchObject([{ worker: 'executor-1', reason: 'max-memory' }]);
    await executor.shutdown();
    expect(gate.notes.filter((note) => note === FINALIZER)).toHaveLength(2);
  });

  it('a limit below the heap of an empty worker replaces the worker after each task', async () => {
    await using executor = open('finalized.js', { maxWorkers: 1, maxMemoryPerWorker: 1 });
    const threads = new Set<number>();
    for (let i = 0; i < 3; i++) threads.add((await executor.tasks.configured()).threadId);
    expect(threads.size).toBe(3);
  });

  it('running tasks finish on the replaced worker, and a burst on it loses no task', async () => {
    using gate = new Gate();
    await using executor = open('finalized.js', {
      ...finalized(gate),
      concurrency: 4,
      maxMemoryPerWorker: 60 * 2 ** 20,
    });
    const running = [executor.tasks.linger(gate.cells), executor.tasks.linger(gate.cells)];
    await gate.arrivals(2);
    const keeping = executor.tasks.keep(100);
    const burst = Array.from({ length: 500 }, () => executor.tasks.configured());
    const threads = new Set((await Promise.all(burst)).map(({ threadId }) => threadId));
    gate.open();
    const own = await keeping;
    expect(await Promise.all(running)).toEqual([own, own]);
    expect([...threads].some((thread) => thread !== own)).toBe(true);
  });

  it('a paused stream on a replaced worker continues there, and other tasks do not wait for it', async () => {
    await using executor = open('finalized.js', { maxWorkers: 1, maxMemoryPerWorker: 60 * 2 ** 20 });
    const { count, keep, configured } = executor.tasks;
    const values: number[] = [];
    for await (const n of count.with({ highWaterMark: 2 }).stream(6)) {
      values.push(n);
      if (n === 1) await keep(100);
      await configured();
    }
    expect(values).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
