/**
 * Steps that were sent in one job tree with the step before: their state until it settles, and
 * their cancellation.
 */
import { chain, TimeoutError } from 'rx-futures';
import { expect, onTestFinished, vi } from 'vitest';
import type { Suite } from '../describe-backend.js';

export function chains({ it, open, makeGate, startReceived, cancelReceived }: Suite): void {
  it('a step is pending while the step before it runs', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const head = executor.tasks.linger(gate.cells, 1);
    const last = head.pipe(chain(executor.tasks.double));
    await gate.arrivals();
    await startReceived(head);
    expect([head.state, last.state]).toEqual(['running', 'pending']);
    gate.open();
    expect(await last).toBe(2);
  });

  it('cancelling the first step cancels the steps that are chained to it', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const head = executor.tasks.linger(gate.cells, 1);
    const last = head.pipe(chain(executor.tasks.double));
    await gate.arrivals();
    head.cancel();
    expect(last.state).toBe('cancelled');
  });

  it('cancelling the last step cancels a first step that has no other use', async () => {
    await using executor = open('context.js');
    using gate = makeGate();
    const head = executor.tasks.untilAborted(gate.cells);
    const last = head.pipe(chain(() => 'never'));
    await gate.arrivals();
    last.cancel('at the end');
    expect(head.state).toBe('cancelled');
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toBe('"at the end"');
  });

  it('the steps after a first step that is cancelled while it runs never run', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { count, lingerAndGive } = executor.tasks;
    const head = lingerAndGive(gate.cells);
    const last = head.pipe(chain(count));
    await gate.arrivals();
    head.cancel();
    await cancelReceived(last);
    gate.open();
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('a step that is cancelled while the step before it runs never runs, and the step before it continues if it has other uses', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { count, lingerAndGive } = executor.tasks;
    const head = lingerAndGive(gate.cells);
    const used = head.settled();
    const last = head.pipe(chain(count));
    await gate.arrivals();
    await startReceived(head);
    expect(last.cancel()).toBe(true);
    expect([head.state, last.state]).toEqual(['running', 'cancelled']);
    await cancelReceived(last);
    gate.open();
    expect(await used).toMatchObject({ status: 'fulfilled' });
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('cancelling a later step does not terminate the worker of the step that still runs', async () => {
    onTestFinished(() => void vi.useRealTimers());
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 10 });
    using gate = makeGate();
    const { double, linger } = executor.tasks;
    const head = linger(gate.cells, 1);
    const used = head.result();
    const last = head.pipe(chain(double));
    await gate.arrivals();
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    last.cancel();
    vi.advanceTimersByTime(10);
    vi.useRealTimers();
    gate.open();
    expect(await used).toBe(1);
    const next = double(1);
    expect(await next).toBe(2);
    expect(next.threadId).toBe(head.threadId);
  });

  it('the timeout of a step starts when the step starts', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const { double, linger } = executor.tasks;
    const last = linger(gate.cells).pipe(chain(double.with({ timeout: 5 })));
    await gate.arrivals();
    // When this task has timed out, the step has waited far longer than its own limit.
    await expect(linger.with({ timeout: 30 })(gate.cells)).rejects.toBeInstanceOf(TimeoutError);
    expect(last.isSettled).toBe(false);
    last.cancel();
  });
}
