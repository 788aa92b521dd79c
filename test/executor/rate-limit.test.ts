/** rateLimit: how many runs start in an interval. */
import { chain, type Executor, type ExecutorOptions, QueueFullError } from 'rx-futures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { next } from '../support/events.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { until } from '../support/until.js';

afterEach(() => void vi.useRealTimers());

const limited = (rateLimit: ExecutorOptions['rateLimit'], options: ExecutorOptions = {}) =>
  open('gates.js', { maxWorkers: 1, rateLimit, ...options });

/** Resolves when the executor waits for its rate limit, and all tasks that it has sent have run. */
const waits = (executor: Executor<any>, queued: number) =>
  until(() => {
    const { queued: now, workers } = executor.stats();
    return now === queued && workers.starting + workers.busy === 0 && vi.getTimerCount() === 1;
  });

describe('rateLimit on a fake clock', () => {
  it('no more than `count` tasks start until the interval has passed, and no timer is left afterwards', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    await using executor = limited({ count: 2, interval: 60_000 });
    using gate = new Gate();
    const futures = Array.from({ length: 5 }, () => executor.tasks.count(gate.cells));
    await Promise.all(futures.slice(0, 2));
    await waits(executor, 3);
    vi.advanceTimersByTime(59_999);
    await waits(executor, 3);
    vi.advanceTimersByTime(1);
    await Promise.all(futures.slice(0, 4));
    await waits(executor, 1);
    vi.advanceTimersByTime(60_000);
    expect(await Promise.all(futures)).toEqual([1, 2, 3, 4, 5]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('each permit is free again one interval after its own run started', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    await using executor = limited({ count: 2, interval: 1_000 });
    using gate = new Gate();
    const { count } = executor.tasks;
    await count(gate.cells);
    vi.advanceTimersByTime(600);
    await count(gate.cells);
    const third = count(gate.cells);
    const fourth = count(gate.cells);
    await waits(executor, 2);
    vi.advanceTimersByTime(400);
    await third;
    await waits(executor, 1);
    vi.advanceTimersByTime(599);
    expect(executor.stats().queued).toBe(1);
    vi.advanceTimersByTime(1);
    await fourth;
  });

  it('the limit needs no faked date', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await using executor = limited({ count: 1, interval: 3_600_000 });
    using gate = new Gate();
    const futures = [1, 2, 3].map(() => executor.tasks.count(gate.cells));
    await waits(executor, 2);
    vi.advanceTimersByTime(3_600_000);
    await waits(executor, 1);
    vi.advanceTimersByTime(3_600_000);
    expect(await Promise.all(futures)).toEqual([1, 2, 3]);
  });

  it('retries, streams and steps of their own count, steps that travel do not', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    await using executor = limited({ count: 2, interval: 1_000 });
    using gate = new Gate();
    const { failUntil, add, double } = executor.tasks;
    const retried = failUntil.with({ retry: 1 })(gate.cells, 2);
    await retried;
    const travelling = add(1, 1).pipe(chain(double), chain(double));
    await waits(executor, 1);
    vi.advanceTimersByTime(1_000);
    expect(await travelling).toBe(8);
    const own = travelling.pipe(chain(double));
    expect(await own).toBe(16);
    const stream = executor.stream('add', 1, 1).pipe();
    const read = new Promise((resolve) => stream.subscribe(resolve));
    await waits(executor, 1);
    vi.advanceTimersByTime(1_000);
    expect(await read).toBe(2);
  });

  it('a task that is cancelled while it waits takes no permit, and its timer ends', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    await using executor = limited({ count: 1, interval: 1_000 });
    using gate = new Gate();
    await executor.tasks.count(gate.cells);
    const waiting = executor.tasks.count(gate.cells);
    await waits(executor, 1);
    waiting.cancel();
    await until(() => vi.getTimerCount() === 0);
    vi.advanceTimersByTime(1_000);
    await executor.tasks.count(gate.cells);
    expect(gate.runs).toBe(2);
  });

  it('terminate() leaves no timer, also in a pause', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    const executor = limited({ count: 1, interval: 1_000 });
    using gate = new Gate();
    await executor.tasks.count(gate.cells);
    const waiting = executor.tasks.count(gate.cells);
    await waits(executor, 1);
    executor.pause();
    await executor.terminate();
    expect(vi.getTimerCount()).toBe(0);
    await expect(waiting).rejects.toThrow();
  });

  it('maxQueue limits the tasks that wait for their turn', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    await using executor = limited({ count: 2, interval: 1_000 }, { maxWorkers: 4, maxQueue: 1 });
    using gate = new Gate();
    const { count } = executor.tasks;
    const accepted = [count(gate.cells), count(gate.cells), count(gate.cells)];
    await expect(count(gate.cells)).rejects.toBeInstanceOf(QueueFullError);
    await waits(executor, 1);
    await expect(count(gate.cells)).rejects.toBeInstanceOf(QueueFullError);
    vi.advanceTimersByTime(1_000);
    expect(await Promise.all(accepted)).toHaveLength(3);
  });

  it('tasks go on if the clock is faked or restored while they wait', async () => {
    await using executor = limited({ count: 1, interval: 50 });
    using gate = new Gate();
    await executor.tasks.count(gate.cells);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 0 });
    const second = executor.tasks.count(gate.cells);
    await waits(executor, 1);
    vi.advanceTimersByTime(50);
    await second;
    vi.useRealTimers();
    expect(await executor.tasks.count(gate.cells)).toBe(3);
  });
});

describe('rateLimit on the real clock', () => {
  it('no interval contains more starts than `count`, with workers that are sent tasks ahead', async () => {
    const interval = 100;
    await using executor = open('gates.js', { maxWorkers: 2, rateLimit: { count: 10, interval } });
    const starts: number[] = [];
    executor.events.subscribe((event) => {
      if (event.type === 'task-started') starts.push(event.at);
    });
    const ended = next(executor, 'worker-ended');
    await Promise.all(Array.from({ length: 45 }, () => executor.tasks.add(1, 1)));
    await executor.shutdown();
    await ended;
    starts.sort((a, b) => a - b);
    expect(starts).toHaveLength(45);
    for (let i = 10; i < starts.length; i++) expect(starts[i]! - starts[i - 10]!).toBeGreaterThanOrEqual(interval);
  });

  it('workers are started only for tasks that may start', async () => {
    await using executor = open('gates.js', { maxWorkers: 4, rateLimit: { count: 1, interval: 60_000 } });
    const first = executor.tasks.add(1, 1);
    const rest = [1, 2, 3].map(() => executor.tasks.add(1, 1));
    await first;
    expect(executor.stats().workers).toMatchObject({ starting: 0, idle: 1 });
    for (const future of rest) future.cancel();
  });
});
