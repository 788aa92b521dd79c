import { inspect } from 'node:util';
import type { ExecutorEvent } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('events', () => {
  it('tell the life of tasks and workers, and complete when the executor has closed', async () => {
    const executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    const events: ExecutorEvent[] = [];
    const completed = new Promise<void>((complete) =>
      executor.events.subscribe({ next: (event) => events.push(event), complete }),
    );
    const future = executor.tasks.add(1, 1);
    await future;
    await executor.shutdown();
    await completed;
    expect(events.map(({ type }) => type)).toEqual([
      'task-submitted',
      'worker-spawned',
      'worker-ready',
      'task-settled',
      'worker-ended',
    ]);
    const { threadId } = future;
    expect(events[0]).toMatchObject({ id: future.id, name: 'add', at: expect.any(Number) });
    expect(events[2]).toMatchObject({ worker: 'crew-1', threadId });
    expect(events[3]).toMatchObject({ id: future.id, name: 'add', status: 'fulfilled', threadId });
    expect(events[4]).toMatchObject({ worker: 'crew-1', exitCode: 0 });
  });

  it('tell that a worker has died, and how', async () => {
    const executor = open('dying.js', { name: 'crew', maxWorkers: 1 });
    const died: unknown[] = [];
    executor.events.subscribe((event) => event.type === 'worker-died' && died.push(event));
    await executor.tasks.exit(9).settled();
    await executor.shutdown();
    expect(died).toEqual([expect.objectContaining({ worker: 'crew-1', exitCode: 9 })]);
  });

  it('tell each settlement once, with its status', async () => {
    const executor = open('errors.js', { maxWorkers: 1 });
    const settled: string[] = [];
    executor.events.subscribe(
      (event) => event.type === 'task-settled' && settled.push(`${event.name} ${event.status}`),
    );
    const futures = [executor.tasks.throwValue(1), executor.tasks.fail('x')];
    futures[1]!.cancel();
    await Promise.all(futures.map((future) => future.settled()));
    await executor.shutdown();
    expect(settled.sort()).toEqual(['fail cancelled', 'throwValue rejected']);
  });
});

describe('stats() and inspection', () => {
  it('count what waits, runs and has ended', async () => {
    await using executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    using gate = new Gate();
    expect(executor.stats()).toEqual({
      pending: 0,
      queued: 0,
      running: 0,
      submitted: 0,
      fulfilled: 0,
      rejected: 0,
      cancelled: 0,
      workers: { starting: 0, idle: 0, busy: 0, leaving: 0 },
    });
    const running = executor.tasks.linger(gate.cells);
    const waiting = [executor.tasks.add(1, 1), executor.tasks.add(2, 2)];
    expect(executor.stats()).toMatchObject({ pending: 3, queued: 3, running: 0, submitted: 3 });
    await gate.arrivals();
    expect(executor.stats()).toMatchObject({ pending: 3, running: 1, workers: { busy: 1 } });
    waiting[0]!.cancel();
    expect(executor.stats()).toMatchObject({ pending: 2, running: 1, cancelled: 1 });
    gate.open();
    await Promise.all([running, waiting[1]]);
    expect(executor.stats()).toMatchObject({ pending: 0, running: 0, fulfilled: 2, workers: { idle: 1, busy: 0 } });
  });

  it('an executor and its futures print what they are', async () => {
    await using executor = open('gates.js', { name: 'crew' });
    const future = executor.tasks.add(1, 1);
    expect(inspect(executor)).toBe('Executor { crew, open, 1 pending }');
    expect(inspect(future)).toBe(`Future { add #${future.id}, pending }`);
    await future;
    expect(inspect(future)).toBe(`Future { add #${future.id}, fulfilled }`);
  });
});
