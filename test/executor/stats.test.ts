/** The counts of `executor.stats()`, and the text that an executor prints. */
import { inspect } from 'node:util';
import { inlineBackend } from 'rx-futures/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { during, useRealTime, useVirtualClock } from '../support/virtual-time.js';

describe('stats()', () => {
  const none = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };

  it('stats() counts waiting, running and settled tasks', async () => {
    await using executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    using gate = new Gate();
    expect(executor.stats()).toEqual({
      pending: 0,
      queued: 0,
      lingering: 0,
      isPaused: false,
      running: 0,
      submitted: 0,
      fulfilled: 0,
      rejected: 0,
      cancelled: 0,
      retried: 0,
      workers: { starting: 0, idle: 0, busy: 0, leaving: 0 },
      actors: { total: 0, byWorker: {} },
      waitTime: none,
      runTime: none,
      utilization: 0,
    });
    const running = executor.tasks.linger(gate.cells);
    const waiting = [executor.tasks.add(1, 1), executor.tasks.add(2, 2)];
    expect(executor.stats()).toMatchObject({ pending: 3, queued: 3, running: 0, submitted: 3 });
    await gate.arrivals();
    expect(executor.stats()).toMatchObject({ pending: 3, running: 1, workers: { busy: 1 } });
    waiting[0]!.cancel();
    expect(executor.stats()).toMatchObject({ pending: 2, running: 1, cancelled: 1 });
    gate.open();
    await Promise.all([running, waiting[1]]);
    expect(executor.stats()).toMatchObject({ pending: 0, running: 0, fulfilled: 2, workers: { idle: 1, busy: 0 } });
  });

  it('stats() counts each retry', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await executor.tasks.failUntil.with({ retry: 5 })(gate.cells, 4);
    expect(executor.stats()).toMatchObject({ submitted: 1, fulfilled: 1, rejected: 0, retried: 3 });
    // Each of the four runs has waited and run.
    expect(executor.stats()).toMatchObject({ waitTime: { count: 4 }, runTime: { count: 4 } });
  });

  it('stats() returns a snapshot of plain data', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const before = executor.stats();
    await executor.tasks.add(1, 1);
    expect(before).toMatchObject({ submitted: 0, waitTime: none });
    const after = executor.stats();
    expect(structuredClone(after)).toEqual(after);
  });
});

describe('the times of stats()', () => {
  // Tasks run on this thread, in virtual time. So their times are exact.
  beforeEach(() => useVirtualClock());
  afterEach(() => useRealTime());

  it('stats() contains the wait and run times of tasks, as percentiles in ms', async () => {
    const executor = open('gates.js', { backend: inlineBackend(), maxWorkers: 1 });
    using gate = new Gate();
    const long = executor.tasks.linger(gate.cells);
    await during(gate.arrivals());
    const behind = Array.from({ length: 9 }, (_, i) => executor.tasks.add(i, i));
    vi.advanceTimersByTime(30);
    gate.open();
    await during(Promise.all([long, ...behind]));
    const { waitTime, runTime } = executor.stats();
    expect(waitTime).toEqual({ count: 10, mean: 27, p50: 30, p90: 30, p99: 30, max: 30 });
    // A percentile is too high by a microsecond at most.
    expect(runTime).toEqual({ count: 10, mean: 3, p50: 0.001, p90: 0.001, p99: 30, max: 30 });
    await during(executor.shutdown());
  });

  it("stats() contains the part of the workers' time that was busy, 0 to 1, including ended workers", async () => {
    const executor = open('gates.js', { backend: inlineBackend(), maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await during(executor.ready());
    const future = executor.tasks.linger(gate.cells);
    await during(gate.arrivals());
    vi.advanceTimersByTime(50);
    gate.open();
    await during(future);
    // One of two workers was busy.
    expect(executor.stats().utilization).toBe(0.5);
    vi.advanceTimersByTime(50);
    expect(executor.stats().utilization).toBe(0.25);
    await during(executor.shutdown());
    expect(executor.stats().workers).toEqual({ starting: 0, idle: 0, busy: 0, leaving: 0 });
    expect(executor.stats().utilization).toBe(0.25);
    vi.advanceTimersByTime(50);
    expect(executor.stats().utilization).toBe(0.25);
  });
});

describe('inspection', () => {
  it('an executor and its futures print their name and state', async () => {
    await using executor = open('gates.js', { name: 'crew' });
    const future = executor.tasks.add(1, 1);
    expect(inspect(executor)).toBe('Executor { crew, open, 1 pending }');
    expect(inspect(future)).toBe(`Future { add #${future.id}, pending }`);
    await future;
    expect(inspect(future)).toBe(`Future { add #${future.id}, fulfilled }`);
  });
});
