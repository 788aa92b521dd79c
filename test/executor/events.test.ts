/** The events of `executor.events`: each type, with its data and its order. */
import { chain, type ExecutorEvent, WorkerDiedError } from 'rx-futures';
import { filter, firstValueFrom, type Observer, Subscriber } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { EventSource } from '../../src/engine/observe/events.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { catchUnhandled } from '../support/reports.js';

type Type = ExecutorEvent['type'];
type EventOf<K extends Type> = Extract<ExecutorEvent, { type: K }>;

/** Tolerance in ms. The time of a submit is recorded in hundredths of a ms. */
const ROUNDED = 0.02;

/** Records every event from now on. */
function record({ events }: Pick<ReturnType<typeof open>, 'events'>) {
  const seen: ExecutorEvent[] = [];
  events.subscribe((event) => seen.push(event));
  return {
    seen,
    types: () => seen.map(({ type }) => type),
    of: <K extends Type>(type: K) => seen.filter((event): event is EventOf<K> => event.type === type),
  };
}

/** Resolves with the `task-started` event of this task. */
function started({ events }: Pick<ReturnType<typeof open>, 'events'>, id: number): Promise<EventOf<'task-started'>> {
  const isIt = (event: ExecutorEvent): event is EventOf<'task-started'> =>
    event.type === 'task-started' && event.id === id;
  return firstValueFrom(events.pipe(filter(isIt)));
}

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

describe('task-submitted', () => {
  it('task-submitted contains the priority, and for a chain step the id of its upstream future', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const { of } = record(executor);
    const { add, double, increment } = executor.tasks;
    const urgent = add.with({ priority: 7 })(1, 1);
    const middle = urgent.pipe(chain(double));
    const last = middle.pipe(chain(increment.with({ priority: -1 })));
    expect(of('task-submitted').map(({ id, name, priority, upstreamId }) => [id, name, priority, upstreamId])).toEqual([
      [urgent.id, 'add', 7, undefined],
      [middle.id, 'double', 0, urgent.id],
      [last.id, 'increment', -1, middle.id],
    ]);
    expect(await last).toBe(5);
  });
});

describe('task-started', () => {
  it('task-started is emitted while the task runs, with the moment at which its worker started it', async () => {
    await using executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    using gate = new Gate();
    const submitted = performance.timeOrigin + performance.now();
    const future = executor.tasks.linger(gate.cells);
    const reported = started(executor, future.id);
    await gate.arrivals();
    const arrived = performance.timeOrigin + performance.now();
    const { at, waited, ...event } = await reported;
    expect(future.state).toBe('running');
    expect(event).toMatchObject({ worker: 'crew-1', threadId: future.threadId, attempt: 1 });
    // The moment comes from the ledger. It is earlier than the event, and earlier than the task's
    // arrival at the gate.
    expect(at).toBeGreaterThan(submitted);
    expect(at).toBeLessThan(arrived);
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThanOrEqual(at - submitted + ROUNDED);
  });

  it('task-started is emitted for a task that blocks its thread', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.hold(gate.cells);
    expect(await started(executor, future.id)).toMatchObject({ name: 'hold' });
    expect(future.state).toBe('running');
  });

  it('task-started is emitted once, even if the ledger is polled several times', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { of } = record(executor);
    const future = executor.tasks.linger(gate.cells);
    await started(executor, future.id);
    // In this time the ledger is polled at least twice.
    await new Promise((resolve) => setTimeout(resolve, 120));
    gate.open();
    await future;
    expect(of('task-started')).toHaveLength(1);
  });

  it('task-started is emitted to a subscriber that arrives while the task runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    await started(executor, future.id);
    expect(future.state).toBe('running');
  });

  it('task-started is emitted live for a step that waited for a function on this thread', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    // Longer than the time after which the polling stops because no worker has a task.
    const pause = () => new Promise<void>((resolve) => setTimeout(resolve, 120));
    const future = executor.tasks.add(1, 1).pipe(
      chain(pause),
      chain(() => gate.cells),
      chain(executor.tasks.linger),
    );
    await started(executor, future.id);
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
});

describe('task-retried', () => {
  it('task-retried contains the failed attempt, its error, and the ms until the next attempt', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { of } = record(executor);
    const delay = (attempt: number) => attempt / 2;
    const future = executor.tasks.failUntil.with({ retry: { count: 5, delay } })(gate.cells, 3);
    await future;
    expect(of('task-retried').map(({ type, at, executor, ...data }) => data)).toEqual([
      { id: future.id, name: 'failUntil', attempt: 1, delay: 0.5, error: new Error('run 1 failed') },
      { id: future.id, name: 'failUntil', attempt: 2, delay: 1, error: new Error('run 2 failed') },
    ]);
  });
});

describe('task-settled', () => {
  it('task-settled contains times that add up', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const { of } = record(executor);
    await Promise.all(Array.from({ length: 50 }, (_, i) => executor.tasks.add(i, 1)));
    const settled = of('task-settled');
    expect(settled).toHaveLength(50);
    for (const { waited, ran, total } of settled) {
      expect(ran).toBeGreaterThanOrEqual(0);
      expect(waited! + ran!).toBeLessThanOrEqual(total + ROUNDED);
    }
  });

  it('task-settled contains how long an asynchronous task ran', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { of } = record(executor);
    const future = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    await new Promise((resolve) => setTimeout(resolve, 20));
    gate.open();
    await future;
    const [settled] = of('task-settled');
    // A timer may fire 1 ms early.
    expect(settled!.ran).toBeGreaterThanOrEqual(19);
    expect(settled!.ran).toBeLessThanOrEqual(settled!.total);
  });

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
    const retried = firstValueFrom(executor.events.pipe(filter(({ type }) => type === 'task-retried')));
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

  it('task-settled contains how long a timed-out task ran', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { of } = record(executor);
    await executor.tasks.untilAborted.with({ timeout: 10 })(gate.cells).settled();
    expect(of('task-settled')).toMatchObject([{ status: 'rejected', error: { name: 'TimeoutError' } }]);
    expect(of('task-settled')[0]!.ran).toBeGreaterThanOrEqual(10);
    expect(of('task-started')).toHaveLength(1);
  });
});

describe('worker-recycled', () => {
  it('a worker that has run maxTasksPerWorker tasks is recycled with reason max-tasks, and ends', async () => {
    const executor = open('gates.js', { name: 'crew', maxWorkers: 1, maxTasksPerWorker: 2 });
    const { seen } = record(executor);
    await Promise.all([1, 2, 3].map((n) => executor.tasks.add(n, n)));
    await executor.shutdown();
    const life = (worker: string) =>
      seen
        .filter((event) => !('id' in event) && event.worker === worker)
        .map((event) => (event.type === 'worker-recycled' ? `${event.type}: ${event.reason}` : event.type));
    expect(life('crew-1')).toEqual(['worker-spawned', 'worker-ready', 'worker-recycled: max-tasks', 'worker-ended']);
    expect(life('crew-2')).toEqual(['worker-spawned', 'worker-ready', 'worker-ended']);
  });

  it('a worker with an uncaught error is recycled with reason uncaught-error, and dies', async () => {
    const executor = open('dying.js', { name: 'crew', maxWorkers: 1 });
    const { of, types } = record(executor);
    await executor.tasks.throwInTimer().settled();
    await executor.shutdown();
    expect(of('worker-recycled')).toMatchObject([{ worker: 'crew-1', reason: 'uncaught-error' }]);
    expect(of('worker-died')).toMatchObject([{ worker: 'crew-1', error: { message: 'thrown in a timer' } }]);
    expect(types().indexOf('worker-recycled')).toBeLessThan(types().indexOf('worker-died'));
  });

  it('a worker that a cancelled task blocks is recycled with reason unresponsive, and dies', async () => {
    const executor = open('gates.js', { name: 'crew', maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    const { of, types } = record(executor);
    const looping = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    looping.cancel();
    expect(await executor.tasks.add(1, 1)).toBe(2);
    await executor.shutdown();
    expect(of('worker-recycled')).toMatchObject([{ worker: 'crew-1', reason: 'unresponsive' }]);
    expect(types().indexOf('worker-recycled')).toBeLessThan(types().indexOf('worker-died'));
    expect(of('worker-died')).toMatchObject([{ worker: 'crew-1', exitCode: 1 }]);
    expect(of('worker-ended')).toMatchObject([{ worker: 'crew-2', exitCode: 0 }]);
  });
});

describe('worker-died', () => {
  it('worker-died contains the exit code, or the uncaught error', async () => {
    const executor = open('dying.js', { name: 'crew', maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 16 } });
    const { of } = record(executor);
    await executor.tasks.exit(9).settled();
    await executor.tasks.exhaustMemory().settled();
    await executor.shutdown();
    expect(of('worker-died')).toMatchObject([
      { worker: 'crew-1', exitCode: 9, error: undefined },
      { worker: 'crew-2', exitCode: 1, error: { code: 'ERR_WORKER_OUT_OF_MEMORY' } },
    ]);
  });

  it('worker-died contains the signal that ended a child process', async () => {
    const executor = open('dying.js', { name: 'crew', maxWorkers: 1, runtime: 'child_process' });
    const { of } = record(executor);
    await executor.submit(() => process.kill(process.pid, 'SIGKILL')).settled();
    await executor.shutdown();
    expect(of('worker-died')).toMatchObject([{ worker: 'crew-1', exitCode: undefined, signal: 'SIGKILL' }]);
    expect(of('worker-died')[0]!.threadId).toBeGreaterThan(0);
  });
});

describe('a listener', () => {
  const unhandled = catchUnhandled();

  it.each<[string, (fail: () => never) => Partial<Observer<ExecutorEvent>>]>([
    ['an observer', (fail) => ({ next: fail })],
    // RxJS wraps the observers that it is given, but uses a Subscriber as it is.
    ['a Subscriber', (fail) => new Subscriber({ next: fail, error: fail, complete: () => {} })],
  ])(
    'a listener that throws affects no task, no worker and no earlier listener, if it is %s',
    async (_name, observer) => {
      const executor = open('gates.js', { maxWorkers: 1 });
      const { seen } = record(executor);
      const error = new Error('in the listener');
      const fail = () => {
        throw error;
      };
      executor.events.subscribe(observer(fail));
      expect(await executor.tasks.add(1, 1)).toBe(2);
      expect(await executor.tasks.add(2, 2)).toBe(4);
      await executor.shutdown();
      expect(seen).toHaveLength(9);
      await vi.waitFor(() => expect(unhandled).toHaveBeenCalledTimes(9));
      expect(new Set(unhandled.mock.calls.flat())).toEqual(new Set([error]));
    },
  );

  it('a listener can submit and cancel tasks', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const { add } = executor.tasks;
    const futures = Array.from({ length: 100 }, (_, i) => add(i, 0));
    let more: ReturnType<typeof add> | undefined;
    executor.events.subscribe((event) => {
      if (event.type !== 'task-started' || more !== undefined) return;
      more = add(1, 1);
      for (const future of futures) future.cancel();
    });
    const outcomes = await Promise.all(futures.map((future) => future.settled()));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['cancelled']));
    expect(await more).toBe(2);
  });

  it('an executor without a listener creates no event and starts no timer', async () => {
    const emit = vi.spyOn(EventSource.prototype, 'emit');
    const interval = vi.spyOn(globalThis, 'setInterval');
    try {
      const executor = open('gates.js', { maxWorkers: 1 });
      using gate = new Gate();
      interval.mockClear();
      const future = executor.tasks.failUntil.with({ retry: 1 })(gate.cells, 2);
      expect(await future).toBe(2);
      await executor.shutdown();
      expect(emit).not.toHaveBeenCalled();
      expect(interval).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
  });

  it('a listener that has unsubscribed costs nothing', async () => {
    const emit = vi.spyOn(EventSource.prototype, 'emit');
    try {
      const executor = open('gates.js', { maxWorkers: 1 });
      const listening = executor.events.subscribe();
      await executor.tasks.add(1, 1);
      expect(emit).toHaveBeenCalled();
      listening.unsubscribe();
      emit.mockClear();
      await executor.tasks.add(1, 1);
      await executor.shutdown();
      expect(emit).not.toHaveBeenCalled();
    } finally {
      vi.restoreAllMocks();
    }
  });
});
