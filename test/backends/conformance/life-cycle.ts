/** How an executor begins and ends. */
import { BrokenExecutorError, CancelledError, chain, ExecutorShutdownError } from 'rx-futures';
import { expect, onTestFinished, vi } from 'vitest';
import { fixture } from '../../support/open.js';
import type { Exam } from '../describe-backend.js';

export function lifeCycle({ it, open, openAny, makeGate, beginningHeard, cancelHeard }: Exam): void {
  it('runs the initializer once per worker, with initArgs, before its first task', async () => {
    await using executor = open('initialized.js', {
      maxWorkers: 1,
      initializer: 'initialize',
      initArgs: ['postgres:', { pool: 3 }],
    });
    await executor.tasks.initializations();
    const { calls } = await executor.tasks.initializations();
    expect(calls.at(-1)).toEqual(['postgres:', { pool: 3 }]);
  });

  it('is ready when a worker is up and its initializer is done', async () => {
    await using executor = open('initialized.js', { initializer: 'initialize' });
    await executor.ready();
    expect(executor.stats().workers).toMatchObject({ starting: 0, idle: 1 });
  });

  it('is broken by a module that is not there', async () => {
    await using executor = openAny(fixture('not-there.js'));
    const future = executor.submit('anything');
    await expect(future).rejects.toBeInstanceOf(BrokenExecutorError);
    expect(executor.state).toBe('broken');
    expect(() => executor.submit('anything')).toThrow(BrokenExecutorError);
  });

  it('is broken by a module that throws, with what it threw as the cause', async () => {
    await using executor = openAny(fixture('throws-on-import.js'));
    const { reason } = (await executor.submit('anything').settled()) as { reason: any };
    expect(reason).toBeInstanceOf(BrokenExecutorError);
    expect(reason.cause.message).toBe('no luck at import');
    await expect(executor.ready()).rejects.toBe(reason);
  });

  it('is broken by an initializer that throws, with what it threw as the cause', async () => {
    await using executor = open('initialized.js', { initializer: 'initializeBadly' });
    const { reason } = (await executor.tasks.initializations().settled()) as { reason: any };
    expect(reason).toBeInstanceOf(BrokenExecutorError);
    expect(reason.cause).toBeInstanceOf(RangeError);
  });

  it('finishes on shutdown what was submitted before it, chains included', async () => {
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

  it('cancels what has not begun on a shutdown that says so, the later steps of a running chain included', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { count, lingerAndGive } = executor.tasks;
    const running = lingerAndGive(gate.cells);
    const step = running.pipe(chain(count));
    const waiting = count(gate.cells);
    await gate.arrivals();
    await beginningHeard(running);
    const closed = executor.shutdown({ cancelPending: true });
    expect([running.state, step.state, waiting.state]).toEqual(['running', 'cancelled', 'cancelled']);
    await Promise.all([cancelHeard(step), cancelHeard(waiting)]);
    gate.open();
    await closed;
    expect(running.state).toBe('fulfilled');
    expect(gate.runs).toBe(0);
  });

  it('lets a worker that is still starting end by itself on shutdown', async () => {
    onTestFinished(() => void vi.useRealTimers());
    const executor = open('gates.js', { minWorkers: 1 });
    const endings: unknown[] = [];
    executor.events.subscribe((event) => {
      if (event.type === 'worker-ended' || event.type === 'worker-died') endings.push(event.exitCode);
    });
    // Without a timer nobody insists.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    await executor.shutdown();
    expect(endings).toEqual([0]);
  });

  it('cancels everything on terminate', async () => {
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

  it('terminate stops a loop', async () => {
    const executor = open('gates.js');
    using gate = makeGate();
    const looping = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    await executor.terminate();
    expect(looping.state).toBe('cancelled');
  });

  it('rejects what is chained once it is closed', async () => {
    const executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    await executor.shutdown();
    await expect(future.pipe(chain(executor.tasks.double))).rejects.toBeInstanceOf(ExecutorShutdownError);
  });
}
