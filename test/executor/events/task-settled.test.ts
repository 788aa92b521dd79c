/** The event `task-settled`. test/engine/observe/task-events.test.ts tests its times. */
import { chain, WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { next, record } from '../../support/events.js';
import { Gate } from '../../support/gate.js';
import { open } from '../../support/open.js';

describe('task-settled', () => {
  it('task-settled is emitted once for each task, with its status and the same error that rejected the future', async () => {
    const executor = open('errors.js', { maxWorkers: 1 });
    const { of } = record(executor);
    const futures = [executor.tasks.fail('x'), executor.tasks.fail('y'), executor.tasks.throwValue(null)];
    futures[1]!.cancel();
    const outcomes = await Promise.all(futures.map((future) => future.settled()));
    await executor.shutdown();
    const settled = of('task-settled').sort((a, b) => a.id - b.id);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'cancelled', 'rejected']);
    expect(settled[0]!.error).toBe((outcomes[0] as { reason: unknown }).reason);
    expect(settled[1]!.error).toBe(undefined);
    expect(settled[2]!.error).toBe(null);
  });

  it('task-settled comes before the callbacks of the future, which is already settled', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const order: string[] = [];
    const future = executor.tasks.add(1, 1);
    executor.events.subscribe(({ type }) => type === 'task-settled' && order.push(`event, ${future.state}`));
    future.addDoneCallback(() => order.push('callback'));
    await future;
    expect(order).toEqual(['event, fulfilled', 'callback']);
  });

  const nowhere = { worker: undefined, threadId: undefined, waited: undefined, ran: undefined };

  it('task-settled has no worker and no times for a task that was cancelled before it started', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { of } = record(executor);
    const holding = executor.tasks.hold(gate.cells);
    await gate.arrivals();
    const waiting = executor.tasks.add(1, 1);
    waiting.cancel();
    expect(of('task-settled')).toMatchObject([{ id: waiting.id, status: 'cancelled', attempt: 1, ...nowhere }]);
    expect(of('task-settled')[0]!.total).toBeGreaterThanOrEqual(0);
    gate.open();
    await holding;
  });

  it('task-settled has no worker and no times for a step whose upstream failed', async () => {
    await using executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    using gate = new Gate();
    const { of } = record(executor);
    const head = executor.tasks.lingerAndFail(gate.cells, 'lost');
    const step = head.pipe(chain(executor.tasks.double));
    await gate.arrivals();
    gate.open();
    await step.settled();
    expect(of('task-settled')).toMatchObject([
      { id: head.id, worker: 'crew-1' },
      { id: step.id, status: 'rejected', ...nowhere },
    ]);
    expect(of('task-started').map(({ id }) => id)).toEqual([head.id]);
  });

  it('task-settled has no worker and no times for an attempt that was cancelled during the retry delay', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { of } = record(executor);
    const retried = next(executor, 'task-retried');
    const future = executor.tasks.failUntil.with({ retry: { count: 1, delay: 3_600_000 } })(gate.cells, 2);
    await retried;
    future.cancel();
    expect(of('task-settled')).toMatchObject([{ status: 'cancelled', attempt: 2, ...nowhere }]);
  });

  it('task-settled contains the worker of a task that died with it', async () => {
    const executor = open('dying.js', { name: 'crew', maxWorkers: 1 });
    const { of } = record(executor);
    await executor.tasks.exit(9).settled();
    await executor.shutdown();
    expect(of('task-settled')).toMatchObject([
      { status: 'rejected', worker: 'crew-1', error: expect.any(WorkerDiedError) },
    ]);
  });
});
