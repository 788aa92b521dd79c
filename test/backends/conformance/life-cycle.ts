/** The start and the end of an executor. */
import { BrokenExecutorError, CancelledError, chain, ExecutorShutdownError } from 'rx-futures';
import { expect, onTestFinished, vi } from 'vitest';
import { fixture } from '../../support/open.js';
import type { Suite } from '../describe-backend.js';

export function lifeCycle({ it, open, openAny, makeGate, startReceived, cancelReceived }: Suite): void {
  it('the initializer runs once per worker, with initArgs, before the first task', async () => {
    await using executor = open('initialized.js', {
      maxWorkers: 1,
      initializer: 'initialize',
      initArgs: ['postgres:', { pool: 3 }],
    });
    await executor.tasks.initializations();
    const { calls } = await executor.tasks.initializations();
    expect(calls.at(-1)).toEqual(['postgres:', { pool: 3 }]);
  });

  it('ready() resolves when a worker is up and its initializer has finished', async () => {
    await using executor = open('initialized.js', { initializer: 'initialize' });
    await executor.ready();
    expect(executor.stats().workers).toMatchObject({ starting: 0, idle: 1 });
  });

  it('a missing module breaks the executor', async () => {
    await using executor = openAny(fixture('not-there.js'));
    const future = executor.submit('anything');
    await expect(future).rejects.toBeInstanceOf(BrokenExecutorError);
    expect(executor.state).toBe('broken');
    expect(() => executor.submit('anything')).toThrow(BrokenExecutorError);
  });

  it('a module that throws breaks the executor, with the thrown error as the cause', async () => {
    await using executor = openAny(fixture('throws-on-import.js'));
    const { reason } = (await executor.submit('anything').settled()) as { reason: any };
    expect(reason).toBeInstanceOf(BrokenExecutorError);
    expect(reason.cause.message).toBe('no luck at import');
    await expect(executor.ready()).rejects.toBe(reason);
  });

  it('an initializer that throws breaks the executor, with the thrown error as the cause', async () => {
    await using executor = open('initialized.js', { initializer: 'initializeBadly' });
    const { reason } = (await executor.tasks.initializations().settled()) as { reason: any };
    expect(reason).toBeInstanceOf(BrokenExecutorError);
    expect(reason.cause).toBeInstanceOf(RangeError);
  });

  it('shutdown() finishes all tasks that were submitted before it, including chains', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { double, linger, note } = executor.tasks;
    const running = linger(gate.cells, 1);
    const waiting = note(gate.cells, 5);
    const last = running.pipe(
      chain(double),
      chain(async (value) => value + 1),
    );
    await gate.arrivals();
    const closed = executor.shutdown();
    expect(executor.state).toBe('draining');
    expect(() => note(gate.cells, 6)).toThrow(ExecutorShutdownError);
    gate.open();
    await closed;
    expect(executor.state).toBe('closed');
    expect([running.outcome, waiting.outcome, last.outcome]).toMatchObject([{ value: 1 }, { value: 5 }, { value: 3 }]);
  });

  it('shutdown() with cancelPending cancels tasks that have not started, including later steps of a running chain', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { count, lingerAndGive } = executor.tasks;
    const running = lingerAndGive(gate.cells);
    const step = running.pipe(chain(count));
    const waiting = count(gate.cells);
    await gate.arrivals();
    await startReceived(running);
    const closed = executor.shutdown({ cancelPending: true });
    expect([running.state, step.state, waiting.state]).toEqual(['running', 'cancelled', 'cancelled']);
    await Promise.all([cancelReceived(step), cancelReceived(waiting)]);
    gate.open();
    await closed;
    expect(running.state).toBe('fulfilled');
    expect(gate.runs).toBe(0);
  });

  it('shutdown() lets a starting worker end by itself', async () => {
    onTestFinished(() => void vi.useRealTimers());
    const executor = open('gates.js', { minWorkers: 1 });
    const endings: unknown[] = [];
    executor.events.subscribe((event) => {
      if (event.type === 'worker-ended' || event.type === 'worker-died') endings.push(event.exitCode);
    });
    // Without the timer, the worker is not killed.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await executor.shutdown();
    expect(endings).toEqual([0]);
  });

  it('terminate() cancels all tasks', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const running = executor.tasks.linger(gate.cells);
    const futures = [running, executor.tasks.add(1, 1), running.pipe(chain(executor.tasks.double))];
    await gate.arrivals();
    const closed = executor.terminate();
    expect(futures.map((future) => future.state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    await closed;
    expect(executor.state).toBe('closed');
    await expect(running).rejects.toBeInstanceOf(CancelledError);
  });

  it('terminate() stops a synchronous loop', async () => {
    const executor = open('gates.js');
    using gate = makeGate();
    const looping = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    await executor.terminate();
    expect(looping.state).toBe('cancelled');
  });

  it('a task that is chained after the close is rejected', async () => {
    const executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    await executor.shutdown();
    await expect(future.pipe(chain(executor.tasks.double))).rejects.toBeInstanceOf(ExecutorShutdownError);
  });
}
