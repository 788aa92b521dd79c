/** Steps that were sent along with the one before them: what they are until it is done, and what a cancel makes of them. */
import { chain, TimeoutError } from 'rx-futures';
import { expect, onTestFinished, vi } from 'vitest';
import type { Exam } from '../describe-backend.js';

export function chains({ it, open, makeGate, beginningHeard, cancelHeard }: Exam): void {
  it('calls a step pending while the one before it runs', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const head = executor.tasks.linger(gate.cells, 1);
    const last = head.pipe(chain(executor.tasks.double));
    await gate.arrivals();
    await beginningHeard(head);
    expect([head.state, last.state]).toEqual(['running', 'pending']);
    gate.open();
    expect(await last).toBe(2);
  });

  it('cancels what is chained to a cancelled head', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const head = executor.tasks.linger(gate.cells, 1);
    const last = head.pipe(chain(executor.tasks.double));
    await gate.arrivals();
    head.cancel();
    expect(last.state).toBe('cancelled');
  });

  it('cancels a head that nobody else uses with the end of its chain', async () => {
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

  it('never runs the steps after a head that is cancelled while it runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { count, lingerAndGive } = executor.tasks;
    const head = lingerAndGive(gate.cells);
    const last = head.pipe(chain(count));
    await gate.arrivals();
    head.cancel();
    await cancelHeard(last);
    gate.open();
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('never runs a step that is cancelled while the one before it runs, and leaves that to whoever uses it', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { count, lingerAndGive } = executor.tasks;
    const head = lingerAndGive(gate.cells);
    const used = head.settled();
    const last = head.pipe(chain(count));
    await gate.arrivals();
    await beginningHeard(head);
    expect(last.cancel()).toBe(true);
    expect([head.state, last.state]).toEqual(['running', 'cancelled']);
    await cancelHeard(last);
    gate.open();
    expect(await used).toMatchObject({ status: 'fulfilled' });
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('keeps the worker of a step that still runs when the grace of one that was cancelled after it is over', async () => {
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

  it('starts the timeout of a step when the step begins', async () => {
    await using executor = open('gates.js');
    using gate = makeGate();
    const { double, linger } = executor.tasks;
    const last = linger(gate.cells).pipe(chain(double.with({ timeout: 5 })));
    await gate.arrivals();
    // By the time that this has timed out, the step has waited far longer than its limit.
    await expect(linger.with({ timeout: 30 })(gate.cells)).rejects.toBeInstanceOf(TimeoutError);
    expect(last.isSettled).toBe(false);
    last.cancel();
  });
}
