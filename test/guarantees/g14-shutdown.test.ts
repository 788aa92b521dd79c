/** G14 Shutdown drains. */
import { CancelledError, chain, ExecutorShutdownError, type Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('G14 Shutdown drains', () => {
  it('a shutdown waits for running and pending tasks and their done callbacks', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, linger } = executor.tasks;
    const futures = [linger(gate.cells), ...Array.from({ length: 500 }, (_, i) => add(i, 1))];
    let called = 0;
    for (const future of futures) future.addDoneCallback(() => called++);
    await gate.arrivals();
    const closed = executor.shutdown();
    expect(executor.state).toBe('draining');
    gate.open();
    await closed;
    expect(executor.state).toBe('closed');
    expect(futures.map(({ state }) => state)).toEqual(Array(501).fill('fulfilled'));
    expect(called).toBe(501);
  });

  it('a shutdown waits for the steps of chains built before it, including steps that submit tasks', async () => {
    const executor = open('gates.js', { maxWorkers: 2 });
    using gate = new Gate();
    const { add, double, linger } = executor.tasks;
    const states: string[] = [];
    const end = linger(gate.cells, 1).pipe(
      chain((n) => {
        states.push(executor.state);
        return add(n, 1) as PromiseLike<number>;
      }),
      chain(async (n: number) => n + 1),
      chain(double),
      chain((n) => executor.submit((x: number) => x * 100, n) as PromiseLike<number>),
    );
    await gate.arrivals();
    const closed = executor.shutdown();
    gate.open();
    await closed;
    expect(states).toEqual(['draining']);
    expect(end.outcome).toMatchObject({ status: 'fulfilled', value: 600 });
  });

  it('a shutdown waits for tasks whose arguments are pending futures', async () => {
    const executor = open('gates.js');
    using gate = new Gate();
    const { add, linger } = executor.tasks;
    const sum = add(linger(gate.cells, 1), linger(gate.cells, 2));
    const closed = executor.shutdown();
    gate.open();
    await closed;
    expect(sum.outcome).toMatchObject({ value: 3 });
  });

  it('every way to submit throws an ExecutorShutdownError if the executor is draining or closed', async () => {
    const executor = open('gates.js');
    using gate = new Gate();
    executor.tasks.linger(gate.cells);
    await gate.arrivals();
    const closed = executor.shutdown();
    const ways = [
      () => executor.tasks.add(1, 1),
      () => executor.submit('add', 1, 1),
      () => executor.submit(() => 1),
      () => executor.with({ priority: 1 }).submit('add', 1, 1),
    ];
    for (const way of ways) expect(way).toThrow(ExecutorShutdownError);
    for (const way of ways) expect(way).toThrow(/shutting down/);
    gate.open();
    await closed;
    for (const way of ways) expect(way).toThrow(ExecutorShutdownError);
    for (const way of ways) expect(way).toThrow(/closed/);
  });

  it('a task that a done callback submits to a draining executor is refused', async () => {
    const executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    let refusal: unknown;
    future.addDoneCallback(() => {
      try {
        executor.tasks.add(2, 2);
      } catch (error) {
        refusal = error;
      }
    });
    await executor.shutdown();
    expect(refusal).toBeInstanceOf(ExecutorShutdownError);
  });

  it('cancelPending cancels tasks that have not started and keeps running tasks', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const running = executor.tasks.linger(gate.cells, 5);
    const pending = Array.from({ length: 50 }, () => executor.tasks.count(gate.cells));
    await gate.arrivals();
    const closed = executor.shutdown({ cancelPending: true });
    expect(new Set(pending.map(({ state }) => state))).toEqual(new Set(['cancelled']));
    expect(running.state).toBe('running');
    gate.open();
    await closed;
    expect(await running).toBe(5);
    expect(gate.runs).toBe(0);
  });

  it('cancelPending cancels the later steps of running chains too', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { double, linger } = executor.tasks;
    const head = linger(gate.cells, 5);
    const calls: unknown[] = [];
    const fused = head.pipe(chain(double), chain(double));
    const mixed = head.pipe(
      chain((n) => calls.push(n)),
      chain(double),
    );
    await gate.arrivals();
    const closed = executor.shutdown({ cancelPending: true });
    gate.open();
    await closed;
    expect([head.state, fused.state, mixed.state]).toEqual(['fulfilled', 'cancelled', 'cancelled']);
    expect(calls).toEqual([]);
  });

  it('cancelPending can follow a plain shutdown', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const running = executor.tasks.linger(gate.cells, 5);
    const pending = executor.tasks.count(gate.cells);
    await gate.arrivals();
    const closed = executor.shutdown();
    expect(pending.state).toBe('pending');
    void executor.shutdown({ cancelPending: true });
    expect(pending.state).toBe('cancelled');
    gate.open();
    await closed;
    expect(running.state).toBe('fulfilled');
  });

  it('a chain to a task of a closed executor is a rejected future', async () => {
    const executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    await executor.shutdown();
    const chained = future.pipe(chain(executor.tasks.double));
    await expect(chained).rejects.toBeInstanceOf(ExecutorShutdownError);
    // A step that is a function needs no executor.
    expect(await future.pipe(chain((n) => n + 1))).toBe(3);
  });

  it('terminate() cancels everything at once', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, double, hold } = executor.tasks;
    const head = hold(gate.cells);
    await gate.arrivals();
    const futures: Future<unknown>[] = [
      head,
      head.pipe(chain(double)),
      head.pipe(chain(() => {})),
      add(1, 1),
      add(head, 1),
    ];
    const ended = executor.terminate();
    expect(futures.map(({ state }) => state)).toEqual(Array(5).fill('cancelled'));
    expect(executor.state).toBe('closed');
    expect(() => add(1, 1)).toThrow(ExecutorShutdownError);
    await ended;
    for (const future of futures) await expect(future).rejects.toBeInstanceOf(CancelledError);
  });

  it('terminate() ends a shutdown that waits', async () => {
    const executor = open('gates.js');
    using gate = new Gate();
    const stuck = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    const closed = executor.shutdown();
    await executor.terminate();
    await closed;
    expect(stuck.state).toBe('cancelled');
  });

  it('repeated and concurrent calls of shutdown() and terminate() change nothing', async () => {
    const executor = open('gates.js');
    using gate = new Gate();
    const future = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    const calls = [executor.shutdown(), executor.shutdown(), executor[Symbol.asyncDispose]()];
    gate.open();
    expect(await Promise.all(calls)).toEqual([undefined, undefined, undefined]);
    await executor.shutdown();
    await executor.terminate();
    expect([future.state, executor.state]).toEqual(['fulfilled', 'closed']);
  });

  it('every worker has ended when shutdown() resolves', async () => {
    const executor = open('gates.js', { minWorkers: 2 });
    await executor.ready();
    await executor.shutdown();
    expect(executor.stats().workers).toEqual({ starting: 0, idle: 0, busy: 0, leaving: 0 });
  });

  it('callbacks that are added after the shutdown still run', async () => {
    const executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    await executor.shutdown();
    const log: unknown[] = [];
    future.addDoneCallback((outcome) => log.push(outcome.status));
    future.subscribe((value) => log.push(value));
    expect(log).toEqual(['fulfilled', 2]);
  });

  it('`await using` shuts the executor down at the end of the block', async () => {
    let outside: Future<number>;
    {
      await using executor = open('gates.js');
      outside = executor.tasks.add(1, 1);
    }
    expect(outside.state).toBe('fulfilled');
  });
});
