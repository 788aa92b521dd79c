/** Cancellation of a task that has not been sent, that waits on a worker, or that is running. */
import { CancelledError, TimeoutError } from 'rx-futures';
import { filter, firstValueFrom } from 'rxjs';
import { expect } from 'vitest';
import { warmUp } from '../../support/open.js';
import type { Suite } from '../describe-backend.js';

export function cancellation({ it, open, makeGate, startReceived, cancelReceived }: Suite): void {
  it('a task that is cancelled in the tick of its submit never runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const future = executor.tasks.count(gate.cells);
    expect(future.cancel('changed my mind')).toBe(true);
    expect(future.state).toBe('cancelled');
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('a task that is cancelled while it waits behind another task never runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    await warmUp(executor);
    const { count, linger } = executor.tasks;
    const first = linger(gate.cells);
    const sent = count(gate.cells);
    await gate.arrivals();
    expect(sent.state).toBe('pending');
    expect(sent.cancel()).toBe(true);
    await cancelReceived(sent);
    gate.open();
    await first;
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('a task that is cancelled while the task before it blocks the worker never runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 2 });
    using gate = makeGate();
    const { count, hold } = executor.tasks;
    const first = hold(gate.cells);
    const sent = count(gate.cells);
    await gate.arrivals();
    expect(sent.state).toBe('pending');
    expect(sent.cancel()).toBe(true);
    gate.open();
    await first;
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('cancel() settles a running task at once, with the reason as the cause', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const future = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    await startReceived(future);
    expect(future.state).toBe('running');
    const reason = { why: 'enough' };
    expect(future.cancel(reason)).toBe(true);
    const { outcome } = future;
    expect(outcome).toMatchObject({ status: 'cancelled' });
    expect(outcome?.status === 'cancelled' && outcome.reason).toBeInstanceOf(CancelledError);
    expect(outcome?.status === 'cancelled' && outcome.reason.cause).toBe(reason);
  });

  it('cancel() aborts the signal of a running task with the given reason', async () => {
    await using executor = open('context.js');
    for (const [reason, text] of [
      [{ why: 'enough' }, '{"why":"enough"}'],
      [new RangeError('too far'), 'RangeError: too far'],
      ['a word', '"a word"'],
    ] as const) {
      using gate = makeGate();
      const future = executor.tasks.untilAborted(gate.cells);
      await gate.arrivals();
      future.cancel(reason);
      await gate.arrivals(2);
      expect(String.fromCharCode(...gate.notes)).toBe(text);
    }
  });

  it('cancel() without a reason aborts the signal with a CancelledError', async () => {
    await using executor = open('context.js');
    using gate = makeGate();
    const future = executor.tasks.untilAborted(gate.cells);
    await gate.arrivals();
    future.cancel();
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toMatch(/^CancelledError: /);
  });

  it('cancel() returns true for a cancelled future and false for one that has settled otherwise', async () => {
    await using executor = open('gates.js');
    const done = executor.tasks.add(1, 1);
    await done;
    expect(done.cancel()).toBe(false);
    expect(done.state).toBe('fulfilled');
    const cancelled = executor.tasks.add(1, 1);
    expect([cancelled.cancel(), cancelled.cancel()]).toEqual([true, true]);
  });

  it('an AbortSignal cancels a task with the reason of the signal', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const controller = new AbortController();
    const future = executor.tasks.linger.with({ signal: controller.signal })(gate.cells);
    await gate.arrivals();
    controller.abort('closed the page');
    const outcome = await future.settled();
    expect(outcome).toMatchObject({ status: 'cancelled', reason: { cause: 'closed the page' } });
  });

  it('a worker that a cancelled task blocks forever is terminated', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 10 });
    using gate = makeGate();
    const future = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    future.cancel();
    expect(await executor.tasks.add(2, 2)).toBe(4);
  });

  it('a task that exceeds its timeout is stopped, and its signal is aborted with the TimeoutError', async () => {
    await using executor = open('context.js');
    using gate = makeGate();
    const future = executor.tasks.untilAborted.with({ timeout: 5 })(gate.cells);
    await expect(future).rejects.toBeInstanceOf(TimeoutError);
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toMatch(/^TimeoutError: /);
  });

  it('a task that exceeded its timeout is retried, even if it had ended before the timeout was noticed', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { holdAtFirst } = executor.tasks;
    await warmUp(executor);
    const retried = firstValueFrom(executor.events.pipe(filter(({ type }) => type === 'task-retried')));
    const future = holdAtFirst.with({ timeout: 250, retry: 1 })(gate.cells);
    await gate.arrivals();
    await retried;
    gate.open();
    expect(await future).toBe(2);
  });
}
