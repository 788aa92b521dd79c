/** The finalizer of a worker, broadcasts, pauses and rate limits. */
import { BrokenExecutorError, CancelledError } from 'rx-futures';
import { expect } from 'vitest';
import { record } from '../../support/events.js';
import type { Suite } from '../describe-backend.js';

/** Options of an executor with one worker, which notes its tasks and its finalizer in the gate. */
const finalized = ({ cells }: { readonly cells: unknown }) => ({
  maxWorkers: 1,
  initializer: 'open',
  initArgs: [cells],
  finalizer: 'close',
});

export function resources({ it, open, makeGate }: Suite): void {
  it('shutdown() waits for the finalizer, which runs after the last task', async () => {
    using gate = makeGate();
    const executor = open('finalized.js', finalized(gate));
    await executor.tasks.work();
    await executor.shutdown();
    expect(gate.notes).toEqual([1, 2, 3]);
  });

  it('terminate() waits for the finalizer of an idle worker', async () => {
    using gate = makeGate();
    const executor = open('finalized.js', finalized(gate));
    await executor.tasks.work();
    await executor.terminate();
    expect(gate.notes).toEqual([1, 2, 3]);
  });

  it('an error of the finalizer goes to onUnobservedError', async () => {
    using gate = makeGate();
    const errors: unknown[] = [];
    const executor = open('finalized.js', {
      ...finalized(gate),
      finalizer: 'closeBadly',
      onUnobservedError: (error, task) => void errors.push([error, task]),
    });
    await executor.tasks.work();
    await executor.shutdown();
    expect(errors).toEqual([[expect.any(RangeError), { id: 0, name: 'closeBadly' }]]);
  });

  it('a finalizer that the module does not export breaks the executor', async () => {
    await using executor = open('finalized.js', { finalizer: 'closed' });
    await expect(executor.tasks.configured()).rejects.toBeInstanceOf(BrokenExecutorError);
  });

  it('a worker is replaced after a task if its heap has reached maxMemoryPerWorker', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, maxMemoryPerWorker: 1 });
    const events = record(executor);
    for (const n of [1, 2, 3]) expect(await executor.tasks.double(n)).toBe(2 * n);
    const recycled = events.of('worker-recycled').map(({ worker, reason }) => [worker, reason]);
    expect(recycled.slice(0, 2)).toEqual([
      ['executor-1', 'max-memory'],
      ['executor-2', 'max-memory'],
    ]);
  });

  it('a broadcast runs once on each worker that is up', async () => {
    await using executor = open('gates.js', { minWorkers: 2 });
    using gate = makeGate();
    await executor.ready();
    await executor.broadcast('note', gate.cells, 7);
    expect(gate.notes).toEqual([7, 7]);
  });

  it('a paused executor starts no task, and resume() lets tasks start', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { linger, note } = executor.tasks;
    const running = linger(gate.cells, 1);
    await gate.arrivals();
    executor.pause();
    const waiting = note(gate.cells, 2);
    const cancelled = note(gate.cells, 3);
    gate.open();
    await running;
    expect([gate.notes, waiting.state, executor.stats().isPaused]).toEqual([[], 'pending', true]);
    cancelled.cancel();
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    executor.resume();
    await waiting;
    expect(gate.notes).toEqual([2]);
  });

  it('rateLimit delays tasks beyond `count` until the interval has passed', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, rateLimit: { count: 2, interval: 150 } });
    using gate = makeGate();
    const begun = performance.now();
    await Promise.all([1, 2, 3, 4, 5].map((mark) => executor.tasks.note(gate.cells, mark)));
    expect(performance.now() - begun).toBeGreaterThanOrEqual(300);
    expect(gate.notes).toEqual([1, 2, 3, 4, 5]);
  });
}
