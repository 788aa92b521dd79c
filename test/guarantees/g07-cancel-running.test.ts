/**
 * G7 Cancel asks first and then terminates: the signal of a running task aborts. The worker is
 * terminated if the task does not end.
 */
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open, warmUp } from '../support/open.js';

describe('G7 Cancel asks first and then terminates: cancelling a running task', () => {
  it.each([
    ['an Error', new RangeError('too far'), 'RangeError: too far'],
    ['a string', 'enough', '"enough"'],
    ['an object', { why: 'enough', code: 3 }, '{"why":"enough","code":3}'],
    ['null', null, 'null'],
    ['false', false, 'false'],
  ])('currentTask().signal aborts with the reason that was passed to cancel(): %s', async (_, reason, text) => {
    await using executor = open('context.js');
    using gate = new Gate();
    const future = executor.tasks.untilAborted(gate.cells);
    await gate.arrivals();
    expect(future.cancel(reason)).toBe(true);
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toBe(text);
  });

  it('signal.reason is a CancelledError if no reason was passed', async () => {
    await using executor = open('context.js');
    using gate = new Gate();
    const future = executor.tasks.untilAborted(gate.cells);
    await gate.arrivals();
    future.cancel();
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toMatch(/^CancelledError: /);
  });

  it("a reason that can't be cloned still stops the task", async () => {
    await using executor = open('context.js');
    using gate = new Gate();
    const reason = { retry: () => {} };
    const future = executor.tasks.untilAborted(gate.cells);
    await gate.arrivals();
    expect(future.cancel(reason)).toBe(true);
    await expect(future).rejects.toMatchObject({ cause: reason });
    await gate.arrivals(2);
  });

  it('the future settles at once, while the task still runs', async () => {
    await using executor = open('gates.js', { terminateAfter: Number.POSITIVE_INFINITY });
    using gate = new Gate();
    const future = executor.tasks.hold(gate.cells);
    await gate.arrivals();
    expect(future.state).toBe('running');
    expect(future.cancel()).toBe(true);
    expect(future.state).toBe('cancelled');
    expect(future.threadId).toBeGreaterThan(0);
  });

  it('a task that ends after its signal aborts keeps its worker', async () => {
    // On a busy machine, an abort may take some ms to arrive at a worker of a browser.
    await using executor = open('context.js', { maxWorkers: 1, terminateAfter: 100 });
    using gate = new Gate();
    const { threadId } = await executor.tasks.describeSelf();
    const future = executor.tasks.untilAborted(gate.cells);
    await gate.arrivals();
    future.cancel();
    await gate.arrivals(2);
    const { threadId: after } = await executor.tasks.describeSelf();
    expect(after).toBe(threadId);
  });

  it('a task that is still running after terminateAfter loses its worker', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    const first = await executor.tasks.whichThread();
    const looping = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    looping.cancel();
    expect(await executor.tasks.whichThread()).not.toBe(first);
  });

  it('a worker is never terminated if terminateAfter is Infinity', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: Number.POSITIVE_INFINITY });
    using gate = new Gate();
    const first = await executor.tasks.whichThread();
    const holding = executor.tasks.hold(gate.cells);
    await gate.arrivals();
    holding.cancel();
    const next = executor.tasks.whichThread();
    gate.open();
    expect(await next).toBe(first);
  });

  it('another started task of a worker that is terminated still finishes', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 2, terminateAfter: 5 });
    using deaf = new Gate();
    using polite = new Gate();
    const { linger, whichThread } = executor.tasks;
    const ignoring = linger(deaf.cells);
    const other = linger(polite.cells, 7);
    await Promise.all([deaf.arrivals(), polite.arrivals()]);
    ignoring.cancel();
    // A task that is submitted now runs on a new worker. The old worker only waits for its other
    // task.
    const elsewhere = await whichThread();
    expect(other.state).toBe('running');
    polite.open();
    expect(await other).toBe(7);
    expect(other.threadId).not.toBe(elsewhere);
  });

  it('tasks that a terminated worker had not started run once on another worker', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    await warmUp(executor);
    const { count, loopForever } = executor.tasks;
    const looping = loopForever(gate.cells);
    const behind = Array.from({ length: 30 }, () => count(gate.cells));
    await gate.arrivals();
    looping.cancel();
    await Promise.all(behind);
    expect(gate.runs).toBe(30);
    expect(behind.some((future) => future.threadId === looping.threadId)).toBe(false);
  });

  it('an AbortSignal shared by 10,000 tasks has one listener, and none after they have settled', async () => {
    await using executor = open('gates.js');
    const { signal } = new AbortController();
    let listeners = 0;
    let most = 0;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: unknown[]) => {
      most = Math.max(most, ++listeners);
      addEventListener.apply(signal, args as never);
    };
    signal.removeEventListener = (...args: unknown[]) => {
      listeners--;
      removeEventListener.apply(signal, args as never);
    };
    const add = executor.tasks.add.with({ signal });
    await Promise.all(Array.from({ length: 10_000 }, (_, i) => add(i, i)));
    expect(most).toBe(1);
    expect(listeners).toBe(0);
  });

  it('an AbortSignal cancels all tasks that share it', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const controller = new AbortController();
    const bound = executor.with({ signal: controller.signal });
    const futures = [
      bound.tasks.linger(gate.cells),
      ...Array.from({ length: 100 }, () => bound.tasks.count(gate.cells)),
    ];
    const other = executor.tasks.add(1, 1);
    await gate.arrivals();
    controller.abort();
    expect(new Set(futures.map(({ state }) => state))).toEqual(new Set(['cancelled']));
    gate.open();
    expect(await other).toBe(2);
    expect(gate.runs).toBe(0);
  });
});
