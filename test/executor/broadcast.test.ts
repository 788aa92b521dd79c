/** Broadcasts: a task that runs once on each worker that is up. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  CancelledError,
  chain,
  ExecutorShutdownError,
  type Future,
  pipeline,
  QueueFullError,
  WorkerDiedError,
} from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { MAX_TREE_SIZE } from '../../src/scheduling/job/job-tree.js';
import { record } from '../support/events.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe.concurrent('a broadcast', () => {
  it('the task runs once on each worker that is up, and its future has all results', async () => {
    await using executor = open('finalized.js', { maxWorkers: 3, minWorkers: 3 });
    await executor.ready();
    const threads: number[] = await executor.broadcast('configure', 'red');
    expect(new Set(threads).size).toBe(3);
    const settings = await executor.broadcast(executor.tasks.configured);
    expect(settings.map(({ setting }) => setting)).toEqual(['red', 'red', 'red']);
    expect(settings.map(({ threadId }) => threadId).sort()).toEqual(threads.sort());
    expect(executor.stats()).toMatchObject({ submitted: 6, fulfilled: 6, pending: 0 });
  });

  it('a worker is started if none is up', async () => {
    await using executor = open('finalized.js');
    expect(await executor.broadcast((n: number) => n * 2, 21)).toEqual([42]);
    expect(executor.stats().workers.idle).toBe(1);
  });

  it('a part waits for its busy worker and runs before the tasks of the queue', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { linger, note } = executor.tasks;
    const running = linger(gate.cells);
    await gate.arrivals();
    const waiting = [1, 2, 3].map((mark) => note(gate.cells, mark));
    const all = executor.broadcast(note, gate.cells, 9);
    expect([all.state, executor.stats().queued]).toEqual(['pending', 4]);
    gate.open();
    await Promise.all([running, all, ...waiting]);
    expect(gate.notes).toEqual([9, 1, 2, 3]);
  });

  it('arguments are copied at the call, and may be futures', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    await executor.ready();
    const value = { n: 1 };
    const sum = executor.broadcast((a: { n: number }, b: number) => a.n + b, value, executor.tasks.add(1, 1));
    value.n = 100;
    expect(await sum).toEqual([3, 3]);
  });

  it('a failure rejects the future, and the other workers run the task', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    const all = executor.broadcast(executor.tasks.failUntil, gate.cells, 2);
    await expect(all).rejects.toThrow('run 1 failed');
    await executor.shutdown();
    expect(gate.runs).toBe(2);
  });

  it('a worker that dies after it started the task rejects the future with a WorkerDiedError', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    await expect(executor.broadcast('exitAtFirst', gate.cells)).rejects.toBeInstanceOf(WorkerDiedError);
  });

  it('a worker that dies before it started the task is left out', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    const dying = executor.tasks.holdAndExit(gate.cells, 3);
    await gate.arrivals();
    const all = executor.broadcast('whichThread');
    const dead = dying.threadId!;
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    const threads = await all;
    expect(threads).toHaveLength(1);
    expect(threads).not.toContain(dead);
  });

  it('another worker runs the task if every worker dies before it started the task', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const dying = executor.tasks.holdAndExit(gate.cells, 3);
    await gate.arrivals();
    const all = executor.broadcast('add', 1, 1);
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await all).toEqual([2]);
  });

  it('a broadcast that is refused by maxQueue after its workers have died settles once', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, maxQueue: 1 });
    using gate = new Gate();
    const dying = executor.tasks.holdAndExit(gate.cells, 3);
    await gate.arrivals();
    const all = executor.broadcast('add', 1, 1);
    const others: Future<number>[] = [];
    dying.addDoneCallback(() => others.push(executor.tasks.add(1, 1), executor.tasks.add(2, 2)));
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    await expect(all).rejects.toBeInstanceOf(QueueFullError);
    expect(await Promise.all(others)).toEqual([2, 4]);
    expect(executor.stats().pending).toBe(0);
  });

  it('a pipeline runs whole on each worker, or is left out', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    const { add, double, holdAndExit } = executor.tasks;
    const steps = pipeline(add.with({ retry: 1 }), double.with({ timeout: 60_000 }));
    expect(await executor.broadcast(steps, 1, 2)).toEqual([6, 6]);
    const dying = holdAndExit(gate.cells, 3);
    await gate.arrivals();
    const rest = executor.broadcast(steps, 2, 2);
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await rest).toEqual([8]);
  });

  it('a worker that dies between two runs of a pipeline rejects the future, and no other worker continues', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, minWorkers: 1 });
    using gate = new Gate();
    await executor.ready();
    const { exitNextTurn, countAndPass } = executor.tasks;
    // Tasks with a timeout are runs of their own. One job tree has no room for the last.
    const run = countAndPass.with({ timeout: 60_000 });
    const before = Array.from({ length: MAX_TREE_SIZE - 1 }, () => run);
    const steps = pipeline(...([...before, exitNextTurn.with({ timeout: 60_000 }), run] as unknown as [typeof run]));
    // The last run is submitted when the worker has ended, and this thread has not noticed it.
    executor.events.subscribe((event) => {
      if (event.type === 'task-settled' && event.name === 'exitNextTurn') gate.waitForArrival();
    });
    const all = executor.broadcast(steps, { cells: gate.cells });
    await expect(all).rejects.toMatchObject({
      name: 'WorkerDiedError',
      message:
        'Worker "executor-1" ended in the middle of a broadcast, before its step "countAndPass" started. Call broadcast() again if running its task twice is safe.',
    });
    expect(gate.runs).toBe(MAX_TREE_SIZE - 1);
  });

  it('a part that starts later is cancelled if a listener of its submit cancels the broadcast', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    using other = new Gate();
    const dying = executor.tasks.holdAndExit(gate.cells, 3);
    await gate.arrivals();
    const all = executor.broadcast('count', other.cells);
    executor.events.subscribe(({ type }) => {
      if (type === 'task-submitted') all.cancel();
    });
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    await expect(all).rejects.toBeInstanceOf(CancelledError);
    await executor.shutdown();
    expect(other.runs).toBe(0);
  });

  it('the context is read in the async context of the call, also for a worker that starts later', async () => {
    const request = new AsyncLocalStorage<string>();
    await using executor = open('context.js', { maxWorkers: 1, context: () => request.getStore() });
    using gate = new Gate();
    const dying = executor.tasks.holdAndExit(gate.cells, 3);
    await gate.arrivals();
    const all = request.run('request 7', () => executor.broadcast('addContext', []));
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await all).toEqual([['request 7']]);
  });

  it('a failure without an observer is reported once', async () => {
    const reported: unknown[] = [];
    const executor = open('gates.js', {
      maxWorkers: 2,
      minWorkers: 2,
      onUnobservedError: (error, { name }) => void reported.push([(error as Error).message, name]),
    });
    await executor.ready();
    executor.broadcast(function refresh() {
      throw new Error('no cache');
    });
    await executor.shutdown();
    expect(reported).toEqual([['no cache', 'refresh']]);
  });

  it('a cancel stops the parts that run and those that wait', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    using other = new Gate();
    await executor.ready();
    const busy = executor.tasks.linger(other.cells);
    await other.arrivals();
    const all = executor.broadcast(executor.tasks.linger, gate.cells);
    await gate.arrivals();
    expect(all.state).toBe('running');
    expect(all.cancel('enough')).toBe(true);
    await expect(all).rejects.toBeInstanceOf(CancelledError);
    expect(executor.stats()).toMatchObject({ cancelled: 2, queued: 0 });
    other.open();
    await busy;
    expect(await executor.tasks.add(1, 1)).toBe(2);
    expect(gate.arrived).toBe(1);
  });

  it('the result is a future for chains, and each part emits its events', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    await executor.ready();
    const events = record(executor);
    const sum = executor.broadcast('add', 1, 1).pipe(chain((values) => values.reduce((a, b) => a + b)));
    expect(await sum).toBe(4);
    expect(events.of('task-settled').map(({ name, status }) => [name, status])).toEqual([
      ['add', 'fulfilled'],
      ['add', 'fulfilled'],
    ]);
  });

  it('a part that is retried runs again on its own worker', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    const runs = await executor.broadcast(executor.tasks.failUntil.with({ retry: 3 }), gate.cells, 3);
    expect(runs.every((run) => run >= 3)).toBe(true);
    expect(new Set(await executor.broadcast('whichThread')).size).toBe(2);
  });

  it('a part that fails is not retried elsewhere if its worker was replaced, and its failure counts', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, maxTasksPerWorker: 1 });
    using gate = new Gate();
    await executor.ready();
    const all = executor.broadcast(executor.tasks.failUntil.with({ retry: 3 }), gate.cells, 3);
    await expect(all).rejects.toThrow('run 1 failed');
    expect(gate.runs).toBe(1);
  });

  it('terminate() cancels a broadcast, and a closed executor refuses one', async () => {
    const executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    const all = executor.broadcast('linger', gate.cells);
    await gate.arrivals(2);
    const closed = executor.terminate();
    expect(all.state).toBe('cancelled');
    await closed;
    expect(() => executor.broadcast('add', 1, 1)).toThrow(ExecutorShutdownError);
  });

  it('shutdown() waits for a broadcast', async () => {
    const executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    const all = executor.broadcast('linger', gate.cells, 5);
    const closed = executor.shutdown();
    gate.open();
    await closed;
    expect(all.outcome).toMatchObject({ value: [5, 5] });
  });

  it('the call throws for an argument that is moved, and for something that is not a task', async () => {
    await using executor = open('gates.js');
    const { transfer } = await import('rx-futures');
    expect(() => executor.broadcast((a: unknown) => a, transfer(new ArrayBuffer(8)))).toThrow(
      /argument 1 is marked with transfer\(\)/,
    );
    expect(() => executor.broadcast(5 as never)).toThrow(/broadcast\(task\): expected a task.*got number/);
  });
});
