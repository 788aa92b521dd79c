/**
 * The event `task-started`. The executor reads it from the ledger, every 50 ms or when a report
 * arrives. The intervals are virtual, so that each test decides when the ledger is read.
 */
import { chain } from 'rx-futures';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { record } from '../../support/events.js';
import { Gate } from '../../support/gate.js';
import { open } from '../../support/open.js';
import { useRealTime, useVirtualIntervals } from '../../support/virtual-time.js';

/** Lets the executor read the ledger that many times. */
const poll = (times = 1) => vi.advanceTimersByTime(50 * times);

beforeEach(() => useVirtualIntervals());
afterEach(() => useRealTime());

it('task-started is emitted while the task runs, with the moment at which its worker started it', async () => {
  await using executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
  using gate = new Gate();
  const { of } = record(executor);
  const submitted = performance.timeOrigin + performance.now();
  const future = executor.tasks.linger(gate.cells);
  await gate.arrivals();
  const arrived = performance.timeOrigin + performance.now();
  expect(of('task-started')).toEqual([]);
  poll();
  const [{ at, ...event }] = of('task-started') as [ReturnType<typeof of<'task-started'>>[0]];
  expect(future.state).toBe('running');
  expect(event).toMatchObject({ worker: 'crew-1', threadId: future.threadId, attempt: 1, waited: expect.any(Number) });
  // The moment comes from the ledger. It is earlier than the event, and earlier than the task's
  // arrival at the gate.
  expect(at).toBeGreaterThan(submitted);
  expect(at).toBeLessThan(arrived);
});

it('task-started is emitted for a task that blocks its thread', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  using gate = new Gate();
  const { of } = record(executor);
  const future = executor.tasks.hold(gate.cells);
  await gate.arrivals();
  poll();
  expect(of('task-started')).toMatchObject([{ id: future.id, name: 'hold' }]);
  expect(future.state).toBe('running');
});

it('task-started is emitted once, even if the ledger is polled several times', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  using gate = new Gate();
  const { of } = record(executor);
  const future = executor.tasks.linger(gate.cells);
  await gate.arrivals();
  poll(3);
  gate.open();
  await future;
  expect(of('task-started')).toHaveLength(1);
});

it('task-started is emitted to a subscriber that arrives while the task runs', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  using gate = new Gate();
  const future = executor.tasks.linger(gate.cells);
  await gate.arrivals();
  const { of } = record(executor);
  poll();
  expect(of('task-started')).toMatchObject([{ id: future.id }]);
});

it('task-started is emitted live for a step that waited for a function on this thread', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  using gate = new Gate();
  const { of } = record(executor);
  // No worker has a task while this function runs. The polling continues all the same.
  const pause = () => poll(3);
  const future = executor.tasks.add(1, 1).pipe(
    chain(pause),
    chain(() => gate.cells),
    chain(executor.tasks.linger),
  );
  await gate.arrivals();
  poll();
  expect(of('task-started').map(({ name }) => name)).toEqual(['add', 'linger']);
  expect(future.state).toBe('running');
});

it('task-started is emitted once for each attempt, between the submit and the end of that attempt', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  using gate = new Gate();
  const { seen } = record(executor);
  const future = executor.tasks.failUntil.with({ retry: { count: 5, delay: 1 } })(gate.cells, 3);
  expect(await future).toBe(3);
  const reported = seen.filter((event) => 'id' in event && event.id === future.id);
  expect(reported.map((event) => [event.type, 'attempt' in event ? event.attempt : undefined])).toEqual([
    ['task-submitted', undefined],
    ['task-started', 1],
    ['task-retried', 1],
    ['task-started', 2],
    ['task-retried', 2],
    ['task-started', 3],
    ['task-settled', 3],
  ]);
});

it('task-started comes before task-settled if a task is cancelled before the ledger was polled', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  await executor.ready();
  using gate = new Gate();
  const { types, of } = record(executor);
  const future = executor.tasks.linger(gate.cells);
  await gate.arrivals();
  future.cancel();
  expect(types()).toEqual(['task-submitted', 'task-started', 'task-settled']);
  expect(of('task-settled')).toMatchObject([{ status: 'cancelled', attempt: 1, ran: expect.any(Number) }]);
});

it('task-started is emitted for an attempt that died with its worker', async () => {
  await using executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
  using gate = new Gate();
  const { of } = record(executor);
  await executor.tasks.exitAtFirst.with({ retry: 1 })(gate.cells);
  expect(of('task-started').map(({ attempt, worker }) => [attempt, worker])).toEqual([
    [1, 'crew-1'],
    [2, 'crew-2'],
  ]);
});
