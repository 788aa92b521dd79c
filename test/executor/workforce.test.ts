/** The number of workers, and when they start and end. */
import { BrokenExecutorError, ExecutorShutdownError, QueueFullError } from 'rx-futures';
import { filter, firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { fixture, open } from '../support/open.js';

describe('workers', () => {
  it('workers start when there is work for them, at most maxWorkers', async () => {
    await using executor = open('gates.js', { maxWorkers: 3 });
    using gate = new Gate();
    const count = () => Object.values(executor.stats().workers).reduce((sum, n) => sum + n);
    expect(count()).toBe(0);
    const first = executor.tasks.linger(gate.cells);
    await gate.arrivals(1);
    expect(count()).toBe(1);
    const more = Array.from({ length: 10 }, () => executor.tasks.linger(gate.cells));
    await gate.arrivals(3);
    expect(executor.stats()).toMatchObject({ running: 3, pending: 11, workers: { busy: 3, starting: 0, idle: 0 } });
    gate.open();
    await Promise.all([first, ...more]);
    expect(count()).toBe(3);
  });

  it('minWorkers workers start at once, and ready() waits for all of them', async () => {
    await using executor = open('gates.js', { maxWorkers: 3, minWorkers: 2 });
    await executor.ready();
    expect(executor.stats().workers).toEqual({ starting: 0, idle: 2, busy: 0, leaving: 0 });
  });

  it('idle workers above minWorkers end after idleTimeout', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 1, idleTimeout: 1 });
    using gate = new Gate();
    const ended = firstValueFrom(executor.events.pipe(filter(({ type }) => type === 'worker-ended')));
    const futures = [executor.tasks.hold(gate.cells), executor.tasks.hold(gate.cells)];
    await gate.arrivals(2);
    gate.open();
    await Promise.all(futures);
    await ended;
    expect(executor.stats().workers).toMatchObject({ idle: 1, starting: 0, busy: 0 });
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('the last worker ends too if minWorkers is 0, and new work starts a new one', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, idleTimeout: 1 });
    const ended = firstValueFrom(executor.events.pipe(filter(({ type }) => type === 'worker-ended')));
    const first = await executor.tasks.whichThread();
    await ended;
    expect(executor.stats().workers).toEqual({ starting: 0, idle: 0, busy: 0, leaving: 0 });
    expect(await executor.tasks.whichThread()).not.toBe(first);
  });

  it('a worker is replaced after maxTasksPerWorker tasks', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, maxTasksPerWorker: 3 });
    const threads = await Promise.all(Array.from({ length: 9 }, () => executor.tasks.whichThread()));
    const [a, b, c] = [threads[0], threads[3], threads[6]];
    expect(threads).toEqual([a, a, a, b, b, b, c, c, c]);
    expect(new Set(threads).size).toBe(3);
  });

  it.each([1, 3])(
    'a worker is replaced even if the last of its %i tasks is a stream that waits for its reader',
    async (most) => {
      await using executor = open('streams.js', { maxWorkers: 1, maxTasksPerWorker: most });
      const { double, range } = executor.tasks;
      for (let i = 1; i < most; i++) await double(i);
      const doubled: number[] = [];
      // The reader asks for the next value after a task of the same executor has ended. The worker
      // that is being replaced may not run that task.
      for await (const n of range.with({ highWaterMark: 2 }).stream(6)) doubled.push(await double(n));
      expect(doubled).toEqual([2, 4, 6, 8, 10, 12]);
    },
  );

  it('the numbers in worker names increase, even after a worker has died', async () => {
    await using executor = open('dying.js', { name: 'crew', maxWorkers: 1 });
    for (const workerName of ['crew-1', 'crew-2', 'crew-3']) {
      await expect(executor.tasks.exit(1)).rejects.toMatchObject({ workerName });
    }
  });
});

describe('maxQueue', () => {
  it('maxQueue 0 accepts only a task that can start at once', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, maxQueue: 0 });
    using gate = new Gate();
    const first = executor.tasks.linger(gate.cells, 1);
    const second = executor.tasks.linger(gate.cells, 2);
    expect(second.outcome).toMatchObject({
      status: 'rejected',
      reason: { name: 'QueueFullError', code: 'ERR_QUEUE_FULL' },
    });
    await gate.arrivals();
    await expect(executor.tasks.add(1, 1)).rejects.toBeInstanceOf(QueueFullError);
    gate.open();
    expect(await first).toBe(1);
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('maxQueue counts waiting tasks, sent to a worker or not, and a cancel makes room', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, maxQueue: 3 });
    using gate = new Gate();
    const running = executor.tasks.hold(gate.cells);
    await gate.arrivals();
    const waiting = [1, 2, 3].map((n) => executor.tasks.add(n, n));
    expect(executor.tasks.add(4, 4).outcome).toMatchObject({ status: 'rejected' });
    waiting[1]!.cancel();
    const another = executor.tasks.add(5, 5);
    expect(another.state).toBe('pending');
    expect(executor.tasks.add(6, 6).outcome).toMatchObject({ status: 'rejected' });
    gate.open();
    await running;
    expect(await Promise.all([waiting[0], waiting[2], another])).toEqual([2, 6, 10]);
    await executor.shutdown();
  });
});

describe('ready()', () => {
  it('ready() resolves when a worker is up, even if nothing was submitted', async () => {
    await using executor = open('gates.js');
    await executor.ready();
    expect(executor.stats().workers).toMatchObject({ idle: 1, starting: 0 });
    await executor.ready();
  });

  it('ready() rejects if the executor is broken or closed', async () => {
    await using broken = open('gates.js', { tasks: fixture('not-there.js') });
    await expect(broken.ready()).rejects.toBeInstanceOf(BrokenExecutorError);
    const closed = open('gates.js');
    await closed.shutdown();
    await expect(closed.ready()).rejects.toBeInstanceOf(ExecutorShutdownError);
  });
});
