/** Deadlines of tasks, and the time limit of a shutdown. */
import { CancelledError, chain, Deferred, TimeoutError } from 'rx-futures';
import { expect } from 'vitest';
import type { Suite } from '../describe-backend.js';

export function limits({ it, open, makeGate, startReceived }: Suite): void {
  it('a task that waits past its deadline rejects with a TimeoutError, and never runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const first = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    const waiting = executor.tasks.count.with({ deadline: 100 })(gate.cells);
    const error = await waiting.catch((error) => error);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', phase: 'waiting' });
    gate.open();
    await first;
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('a task that runs past its deadline is stopped, and its signal is aborted with the TimeoutError', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    using gate = makeGate();
    await executor.tasks.describeSelf();
    const future = executor.tasks.untilAborted.with({ deadline: 1_000 })(gate.cells);
    const error = await future.catch((error) => error);
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ phase: 'running' });
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toMatch(/^TimeoutError: .*deadline of 1000 ms while it ran/);
  });

  it('the TimeoutError of a timeout says that the task ran', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    using gate = makeGate();
    const error = await executor.tasks.untilAborted
      .with({ timeout: 20 })(gate.cells)
      .catch((error) => error);
    expect(error).toMatchObject({ name: 'TimeoutError', phase: 'running' });
  });

  it('the deadline of a step counts from the moment at which its input is there', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { linger, double } = executor.tasks;
    const step = linger(gate.cells, 4).pipe(chain(double.with({ deadline: 1_000 })));
    await gate.arrivals();
    await new Deferred().future.result({ timeout: 1_100 }).catch(() => {});
    expect(step.isSettled).toBe(false);
    gate.open();
    expect(await step).toBe(8);
  });

  it('a retry that would come after the deadline is not awaited, and the failure is the cause of the TimeoutError', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    const retry = { count: 5, delay: 3_600_000 };
    const error = await executor.tasks.failUntilAttempt
      .with({ retry, deadline: 60_000 })(9)
      .catch((error) => error);
    expect(error).toMatchObject({ name: 'TimeoutError', phase: 'waiting', cause: { message: 'attempt 1 failed' } });
  });

  it('shutdown({ timeout }) cancels what is left, with a TimeoutError as the cause, and resolves', async () => {
    const executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = makeGate();
    const running = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    await startReceived(running);
    const waiting = executor.tasks.add(1, 1);
    await executor.shutdown({ timeout: 50 });
    for (const [future, phase] of [
      [running, 'running'],
      [waiting, 'waiting'],
    ] as const) {
      // biome-ignore format: pairs
      const error = await future.then(() => undefined, (error) => error); // biome-ignore format: one line
      expect(error).toBeInstanceOf(CancelledError);
      expect(error.cause).toBeInstanceOf(TimeoutError);
      expect(error.cause).toMatchObject({ phase });
    }
    expect(executor.state).toBe('closed');
  });
}
