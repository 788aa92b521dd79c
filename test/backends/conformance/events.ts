/** The events of an executor. */
import type { ExecutorEvent } from 'rx-futures';
import { filter, firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import type { Suite } from '../describe-backend.js';

export function events({ it, open, makeGate }: Suite): void {
  it('the events report the life of a task and of its worker, with consistent times', async () => {
    const executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    const events: ExecutorEvent[] = [];
    executor.events.subscribe((event) => events.push(event));
    const future = executor.tasks.double(2);
    await future;
    await executor.shutdown();
    expect(events.map(({ type }) => type)).toEqual([
      'task-submitted',
      'worker-spawned',
      'worker-ready',
      'task-started',
      'task-settled',
      'worker-ended',
    ]);
    const settled = events[4] as ExecutorEvent & { type: 'task-settled' };
    expect(settled).toMatchObject({ id: future.id, status: 'fulfilled', worker: 'crew-1', attempt: 1 });
    expect(settled.threadId).toBe(future.threadId);
    expect(settled.waited).toBeGreaterThanOrEqual(0);
    expect(settled.ran).toBeGreaterThanOrEqual(0);
    // The time of a submit is rounded to hundredths of a ms.
    expect(settled.waited! + settled.ran!).toBeLessThanOrEqual(settled.total + 0.02);
    expect(executor.stats()).toMatchObject({ waitTime: { count: 1 }, runTime: { count: 1 } });
  });

  it('task-started is emitted while the task runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const future = executor.tasks.linger(gate.cells);
    const started = await firstValueFrom(executor.events.pipe(filter(({ type }) => type === 'task-started')));
    expect(started).toMatchObject({ id: future.id, attempt: 1 });
    expect(future.state).toBe('running');
  });

  it('the events report each attempt of a task that is retried', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const told: unknown[] = [];
    executor.events.subscribe((event) => 'attempt' in event && told.push([event.type, event.attempt]));
    await executor.tasks.failUntil.with({ retry: 1 })(gate.cells, 2);
    expect(told).toEqual([
      ['task-started', 1],
      ['task-retried', 1],
      ['task-started', 2],
      ['task-settled', 2],
    ]);
  });
}
