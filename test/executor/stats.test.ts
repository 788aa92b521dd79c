/** The counts of `executor.stats()`, and the text that an executor prints. */
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('stats()', () => {
  const none = { count: 0, mean: 0, p50: 0, p90: 0, p99: 0, max: 0 };

  it('stats() counts waiting, running and settled tasks', async () => {
    await using executor = open('gates.js', { name: 'crew', maxWorkers: 1 });
    using gate = new Gate();
    expect(executor.stats()).toEqual({
      pending: 0,
      queued: 0,
      running: 0,
      submitted: 0,
      fulfilled: 0,
      rejected: 0,
      cancelled: 0,
      retried: 0,
      workers: { starting: 0, idle: 0, busy: 0, leaving: 0 },
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

  it('stats() contains the wait and run times of tasks, as percentiles in ms', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const long = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    const began = performance.now();
    const behind = Array.from({ length: 9 }, (_, i) => executor.tasks.add(i, i));
    await new Promise((resolve) => setTimeout(resolve, 30));
    gate.open();
    await Promise.all([long, ...behind]);
    const passed = performance.now() - began;
    const { waitTime, runTime } = executor.stats();
    expect([waitTime.count, runTime.count]).toEqual([10, 10]);
    // Nine tasks have waited behind the running one.
    expect(waitTime.p50).toBeGreaterThanOrEqual(29);
    expect(waitTime.p50).toBeLessThanOrEqual(passed * 1.0625 + 1);
    expect(runTime.p90).toBeLessThan(29);
    expect(runTime.p99).toBeGreaterThanOrEqual(29);
    for (const { mean, p50, p90, p99, max } of [waitTime, runTime]) {
      expect(p50).toBeLessThanOrEqual(p90);
      expect(p90).toBeLessThanOrEqual(p99);
      expect(p99).toBeLessThanOrEqual(max);
      expect(mean).toBeLessThanOrEqual(max);
    }
  });

  it("stats() contains the part of the workers' time that was busy, 0 to 1, including ended workers", async () => {
    const executor = open('gates.js', { maxWorkers: 2, minWorkers: 2 });
    using gate = new Gate();
    await executor.ready();
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
    const future = executor.tasks.hold(gate.cells);
    await gate.arrivals();
    await pause();
    gate.open();
    await future;
    const busy = executor.stats().utilization;
    // One of two workers was busy, for a part of the time.
    expect(busy).toBeGreaterThan(0);
    expect(busy).toBeLessThanOrEqual(0.6);
    await pause();
    expect(executor.stats().utilization).toBeLessThan(busy);
    await executor.shutdown();
    const { utilization, workers } = executor.stats();
    expect(workers).toEqual({ starting: 0, idle: 0, busy: 0, leaving: 0 });
    expect(utilization).toBeGreaterThan(0);
    expect(utilization).toBeLessThan(1);
    expect(executor.stats().utilization).toBe(utilization);
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
