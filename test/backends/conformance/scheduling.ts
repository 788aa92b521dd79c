/** The order in which tasks run, and the workers that run them. */
import { QueueFullError } from 'rx-futures';
import { expect } from 'vitest';
import { warmUp } from '../../support/open.js';
import type { Suite } from '../describe-backend.js';

export function scheduling({ it, open, makeGate, startReceived }: Suite): void {
  it('one worker runs its tasks in the order of their submits', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const marks = Array.from({ length: 100 }, (_, i) => i);
    await Promise.all(marks.map((mark) => executor.tasks.note(gate.cells, mark)));
    expect(gate.notes).toEqual(marks);
  });

  it('tasks of a higher priority run first, and tasks of one priority in the order of their submits', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    // From here on, tasks are prefetched. A more urgent task makes the executor revoke them.
    await warmUp(executor);
    const { linger, note } = executor.tasks;
    const first = linger.with({ priority: 10 })(gate.cells);
    const waiting = [0, 5, 0, 5, -1].map((priority, i) => note.with({ priority })(gate.cells, i));
    await gate.arrivals();
    // These tasks are submitted after the others have been sent to the worker.
    waiting.push(note.with({ priority: 9 })(gate.cells, 9), note(gate.cells, 8));
    await new Promise((resolve) => setImmediate(resolve));
    gate.open();
    await Promise.all([first, ...waiting]);
    expect(gate.notes).toEqual([9, 1, 3, 0, 2, 8, 4]);
  });

  it('a worker interleaves as many async tasks as concurrency allows, and no more', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 3 });
    using gate = makeGate();
    const futures = Array.from({ length: 5 }, () => executor.tasks.linger(gate.cells));
    await gate.arrivals(3);
    for (const future of futures.slice(0, 3)) await startReceived(future);
    expect(futures.map((future) => future.state)).toEqual(['running', 'running', 'running', 'pending', 'pending']);
    expect(executor.stats()).toMatchObject({ pending: 5, running: 3 });
    expect(gate.arrived).toBe(3);
    gate.open();
    await Promise.all(futures);
    expect(gate.arrived).toBe(5);
  });

  it('two workers run two tasks at the same time', async () => {
    await using executor = open('gates.js', { maxWorkers: 2 });
    using gate = makeGate();
    const futures = [executor.tasks.hold(gate.cells), executor.tasks.hold(gate.cells)];
    // Each task blocks its thread, so the tasks run on two threads.
    await gate.arrivals(2);
    gate.open();
    await Promise.all(futures);
  });

  it('each of 5,000 tasks resolves with its own result', async () => {
    await using executor = open('gates.js');
    const futures = Array.from({ length: 5_000 }, (_, i) => executor.tasks.add(i, 1));
    expect(await Promise.all(futures)).toEqual(futures.map((_, i) => i + 1));
  });

  it('stats() counts submitted tasks and their outcomes', async () => {
    await using executor = open('errors.js');
    const { fail, failLater } = executor.tasks;
    const futures = [fail('a'), failLater('b'), fail('c')];
    futures[2]!.cancel();
    await Promise.all(futures.map((future) => future.settled()));
    expect(executor.stats()).toMatchObject({
      pending: 0,
      queued: 0,
      running: 0,
      submitted: 3,
      fulfilled: 0,
      rejected: 2,
      cancelled: 1,
    });
  });

  it('a task beyond maxQueue rejects its future', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, maxQueue: 2 });
    using gate = makeGate();
    const running = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    const waiting = [executor.tasks.add(1, 1), executor.tasks.add(1, 2)];
    const refused = executor.tasks.add(1, 3);
    await expect(refused).rejects.toBeInstanceOf(QueueFullError);
    gate.open();
    await running;
    expect(await Promise.all(waiting)).toEqual([2, 3]);
    expect(await executor.tasks.add(1, 3)).toBe(4);
  });
}
