import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Actors } from '../../src/worker/actors/actors.js';
import { Runner } from '../../src/worker/runner.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

/** A batch of trees with one job each, in the slots that are listed. */
const batch = (...slots: number[]) => ({
  cells: slots.flatMap((slot) => [slot, -1, slot, 1, 1, 1, 1]),
  args: slots.map((slot) => `argument of ${slot}`),
});

/** A runner whose jobs end when the test says so, or at once. */
function open(concurrency: number, { sync = false, takes = 0 } = {}) {
  const started: unknown[] = [];
  const ends = new Map<number, () => void>();
  const jobs = {
    now: 0,
    arrived: vi.fn(),
    clear: vi.fn((_cells: readonly number[], _at: number) => true),
    run(cells: readonly number[], at: number, args: readonly unknown[]) {
      started.push([cells[at], ...args]);
      jobs.now += takes;
      if (sync) return undefined;
      return new Promise<void>((resolve) => ends.set(cells[at]!, resolve));
    },
  };
  const reports = { isBlocked: false, isEmpty: true, markBusy: vi.fn(), markIdle: vi.fn(), flush: vi.fn() };
  const runner = new Runner(jobs as never, reports as never, concurrency, new Actors());
  const end = async (slot: number) => {
    ends.get(slot)!();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { runner, jobs, reports, started, end, slots: () => started.map((job) => (job as number[])[0]) };
}

describe('Runner', () => {
  it('job trees start in the order of their arrival, each with its own arguments', () => {
    const { runner, started } = open(1, { sync: true });
    runner.enqueue(batch(5, 3) as never);
    runner.enqueue(batch(4) as never);
    runner.pump();
    expect(started).toEqual([
      [5, 'argument of 5'],
      [3, 'argument of 3'],
      [4, 'argument of 4'],
    ]);
    expect(runner.isIdle).toBe(true);
  });

  it('the runner runs up to `concurrency` asynchronous trees at a time, and starts the next one when one ends', async () => {
    const { runner, slots, end } = open(2);
    runner.enqueue(batch(1, 2, 3, 4) as never);
    runner.pump();
    expect(slots()).toEqual([1, 2]);
    await end(2);
    expect(slots()).toEqual([1, 2, 3]);
    expect(runner.isIdle).toBe(false);
  });

  it('a paused stream frees its concurrency slot, and keeps no other tree from running when it resumes', async () => {
    const { runner, slots, end } = open(1);
    runner.enqueue(batch(1, 2, 3) as never);
    runner.pump();
    runner.paused();
    expect(slots()).toEqual([1, 2]);
    runner.resumed();
    await end(2);
    expect(slots()).toEqual([1, 2]);
    await end(1);
    expect(slots()).toEqual([1, 2, 3]);
  });

  it('no tree starts while the reports are blocked', () => {
    const { runner, reports, slots } = open(1, { sync: true });
    reports.isBlocked = true;
    runner.enqueue(batch(1) as never);
    runner.pump();
    expect(slots()).toEqual([]);
    reports.isBlocked = false;
    runner.unblocked();
    expect(slots()).toEqual([1]);
  });

  it('a tree does not start while its predecessor has results that must be sent first', () => {
    const { runner, jobs, slots } = open(1, { sync: true });
    jobs.clear.mockReturnValueOnce(true).mockReturnValueOnce(false);
    runner.enqueue(batch(1, 2) as never);
    runner.pump();
    expect(slots()).toEqual([1]);
  });

  it('synchronous trees give the event loop a turn after a time slice', () => {
    const { runner, slots } = open(1, { sync: true, takes: 40 });
    runner.enqueue(batch(...Array.from({ length: 50 }, (_, i) => i)) as never);
    runner.pump();
    const first = slots().length;
    expect(first).toBeLessThan(50);
    vi.runAllTimers();
    expect(slots()).toHaveLength(50);
  });
});
