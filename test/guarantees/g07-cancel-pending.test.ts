/** G7 Cancel asks first and then terminates: a cancelled task that has not started never runs. */
import { CancelledError, type Future } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open, warmUp } from '../support/open.js';

describe('G7 Cancel asks first and then terminates: cancelling a task that has not started', () => {
  it('cancel() returns true and settles the future at once, callbacks included', async () => {
    await using executor = open('gates.js');
    const future = executor.tasks.add(1, 1);
    const log: unknown[] = [];
    future.addDoneCallback((outcome) => log.push(outcome.status));
    future.subscribe({ error: (error) => log.push(error) });
    log.push(future.cancel('not needed'));
    expect(log).toEqual(['cancelled', expect.any(CancelledError), true]);
    expect(future).toMatchObject({ state: 'cancelled', isSettled: true });
    await expect(future).rejects.toMatchObject({ name: 'CancelledError', code: 'ERR_CANCELLED', cause: 'not needed' });
  });

  it('cancel() returns false if the future was fulfilled or rejected, and true if it was cancelled', async () => {
    await using executor = open('errors.js');
    const good = executor.submit(() => 1);
    const bad = executor.tasks.fail('on purpose');
    await Promise.all([good, bad.settled()]);
    expect([good.cancel(), bad.cancel()]).toEqual([false, false]);
    expect([good.state, bad.state]).toEqual(['fulfilled', 'rejected']);
    const gone = executor.submit(() => 1);
    expect([gone.cancel('first'), gone.cancel('second')]).toEqual([true, true]);
    await expect(gone).rejects.toMatchObject({ cause: 'first' });
  });

  it('a task that is submitted and cancelled in one tick never runs', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    await executor.ready();
    const kept = [];
    for (let i = 0; i < 1_000; i++) {
      const future = executor.tasks.count(gate.cells);
      if (i % 10 === 0) kept.push(future);
      else future.cancel();
    }
    await Promise.all(kept);
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(100);
  });

  it('a cancelled task never runs even if it was dispatched to a worker whose thread is blocked', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await warmUp(executor);
    const holding = executor.tasks.hold(gate.cells);
    const sent = Array.from({ length: 20 }, () => executor.tasks.count(gate.cells));
    await gate.arrivals();
    expect(executor.stats().queued).toBe(0);
    for (const future of sent) {
      expect(future.state).toBe('pending');
      expect(future.cancel()).toBe(true);
    }
    gate.open();
    await holding;
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('tasks between cancelled ones still run', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await warmUp(executor);
    const holding = executor.tasks.hold(gate.cells);
    const sent = Array.from({ length: 20 }, (_, i) => executor.tasks.note(gate.cells, i));
    await gate.arrivals();
    for (const even of sent.filter((_, i) => i % 2 === 0)) even.cancel();
    gate.open();
    await Promise.all([holding, ...sent.map((future) => future.settled())]);
    expect(gate.notes).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
  });

  it('each task runs at most once in every race, and every fulfilled future belongs to a task that ran', async () => {
    const executor = open('gates.js', { maxWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    const futures: Future<number>[] = [];
    for (let round = 0; round < 50; round++) {
      const batch = Array.from({ length: 40 }, (_, i) => executor.tasks.note(gate.cells, round * 40 + i));
      // Cancels at a different moment in each round.
      for (let timeSlice = 0; timeSlice < round % 5; timeSlice++) await new Promise((resolve) => setImmediate(resolve));
      for (const future of batch) future.cancel();
      futures.push(...batch);
    }
    await executor.shutdown();
    const ran = new Set(gate.notes);
    expect(gate.notes).toHaveLength(ran.size);
    expect(futures.filter((future, i) => future.state === 'fulfilled' && !ran.has(i))).toEqual([]);
    expect(futures.every(({ isSettled }) => isSettled)).toBe(true);
  });

  it('a task that has ended is never pending again, even while its result is on the way', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await warmUp(executor);
    const ended = executor.tasks.count(gate.cells);
    const next = executor.tasks.hold(gate.cells);
    for (let timeSlice = 0; timeSlice < 10; timeSlice++) await null;
    // The task is dispatched by now. This thread reads no message before it has checked the state.
    gate.waitForArrival();
    expect(ended.state).toBe('running');
    gate.open();
    expect(await Promise.all([ended, next])).toEqual([1, 0]);
  });

  it('a future is `running` exactly when its task has started', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using first = new Gate();
    using second = new Gate();
    const { hold } = executor.tasks;
    const futures = [hold(first.cells), hold(second.cells)];
    expect(futures.map(({ state }) => state)).toEqual(['pending', 'pending']);
    await first.arrivals();
    expect(futures.map(({ state }) => state)).toEqual(['running', 'pending']);
    first.open();
    await second.arrivals();
    expect(second.arrived).toBe(1);
    expect(futures[1]!.state).toBe('running');
    second.open();
    await Promise.all(futures);
    expect(futures.map(({ state }) => state)).toEqual(['fulfilled', 'fulfilled']);
  });

  it('an AbortSignal cancels a queued task, and an aborted signal cancels at the submit', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await warmUp(executor);
    const controller = new AbortController();
    const { count, hold } = executor.tasks;
    const holding = hold(gate.cells);
    const waiting = count.with({ signal: controller.signal })(gate.cells);
    await gate.arrivals();
    controller.abort('left the page');
    expect(waiting.state).toBe('cancelled');
    const late = count.with({ signal: controller.signal })(gate.cells);
    expect(late.state).toBe('cancelled');
    await expect(late).rejects.toMatchObject({ cause: 'left the page' });
    gate.open();
    await holding;
    await expect(waiting).rejects.toMatchObject({ cause: 'left the page' });
    expect(gate.runs).toBe(0);
  });
});
