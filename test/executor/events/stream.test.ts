/** `executor.events` as a whole: the order of the events, their common data, and the end. */
import { describe, expect, it, vi } from 'vitest';
import { record } from '../../support/events.js';
import { open } from '../../support/open.js';

describe('events', () => {
  it('executor.events emits the life of tasks and workers, and completes when the executor has closed', async () => {
    const executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    const { seen, types } = record(executor);
    const completed = new Promise<void>((complete) => executor.events.subscribe({ complete }));
    const before = Date.now();
    const future = executor.tasks.add(1, 1);
    await future;
    await executor.shutdown();
    await completed;
    expect(types()).toEqual([
      'task-submitted',
      'worker-spawned',
      'worker-ready',
      'task-started',
      'task-settled',
      'worker-ended',
    ]);
    const { id, threadId } = future;
    const worker = { worker: 'crew-1', threadId };
    const task = { id, name: 'add' };
    const ms = expect.any(Number);
    expect(seen.map(({ type, at, executor, ...data }) => data)).toEqual([
      { ...task, priority: 0, upstream: undefined },
      worker,
      worker,
      { ...task, ...worker, attempt: 1, waited: ms },
      { ...task, ...worker, attempt: 1, waited: ms, status: 'fulfilled', ran: ms, total: ms, error: undefined },
      { ...worker, exitCode: 0, signal: undefined, error: undefined },
    ]);
    for (const { at, executor } of seen) {
      expect(executor).toBe('crew');
      expect(at).toBeGreaterThanOrEqual(before);
      expect(at).toBeLessThanOrEqual(Date.now() + 1);
    }
  });

  it('executor.events does not replay, and completes at once for a subscriber after the end', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    await executor.tasks.add(1, 1);
    const { seen } = record(executor);
    expect(seen).toEqual([]);
    await executor.shutdown();
    await new Promise<void>((complete) => executor.events.subscribe({ complete }));
    expect(seen.map(({ type }) => type)).toEqual(['worker-ended']);
  });

  it('a subscriber of executor.events does not count as an observer of a failure', async () => {
    const reported = vi.fn();
    const executor = open('errors.js', { maxWorkers: 1, onUnobservedError: reported });
    const { of } = record(executor);
    const { id } = executor.tasks.fail('lost');
    await executor.shutdown();
    expect(of('task-settled')).toMatchObject([{ id, error: { message: 'lost' } }]);
    expect(reported).toHaveBeenCalledTimes(1);
  });
});
