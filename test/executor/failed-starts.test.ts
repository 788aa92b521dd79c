/** Workers that fail to start, and idle workers that are lost. */
import { BrokenExecutorError, type ExecutorOptions } from 'rx-futures';
import { afterEach, describe, expect, it } from 'vitest';
import { type FlakyBackend, flakyBackend, type Start } from '../support/flaky-backend.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { during, useRealTime, useVirtualClock } from '../support/virtual-time.js';

const onFlaky = (backend: FlakyBackend, options: ExecutorOptions = {}) => open('gates.js', { backend, ...options });

afterEach(() => useRealTime());

const kinds: Start[] = ['throws', 'ends', 'comes up and ends'];

describe.each(kinds)('a worker that %s', (kind) => {
  it('three failed starts in a row break the executor, with the last error as the cause', async () => {
    const backend = flakyBackend(() => kind);
    await using executor = onFlaky(backend, { maxWorkers: 1 });
    const error = await executor.tasks.add(1, 1).catch((error) => error);
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.message).toContain(error.cause.message);
    expect(backend.starts.length).toBe(3);
    expect(executor.state).toBe('broken');
    expect(() => executor.tasks.add(1, 1)).toThrow(error);
  });

  it('a task runs on the third worker if the first two fail to start', async () => {
    const backend = flakyBackend((nth) => (nth < 3 ? kind : 'works'));
    await using executor = onFlaky(backend, { maxWorkers: 1 });
    expect(await executor.tasks.add(1, 1)).toBe(2);
    expect(executor.state).toBe('open');
  });

  it('failed starts do not break an executor that has another worker, and that worker runs the tasks', async () => {
    useVirtualClock();
    const backend = flakyBackend((nth) => (nth === 1 ? 'works' : kind));
    const executor = onFlaky(backend, { maxWorkers: 2 });
    using gate = new Gate();
    await during(executor.ready());
    const first = executor.tasks.linger(gate.cells, 1);
    const second = executor.tasks.linger(gate.cells, 2);
    // Four starts fail, with three pauses between them that grow.
    await during(backend.started(5), 1);
    const gaps = backend.starts.slice(2).map((at, i) => at - backend.starts[i + 1]!);
    for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(100 * 2 ** i);
    expect(executor.state).toBe('open');
    gate.open();
    expect(await during(Promise.all([first, second, executor.tasks.add(1, 2)]))).toEqual([1, 2, 3]);
    await during(executor.shutdown());
  });
});

describe('ready()', () => {
  it.each(['throws', 'ends'] as const)('ready() rejects if no worker starts because each one %s', async (kind) => {
    await using executor = onFlaky(flakyBackend(() => kind));
    const error = await executor.ready().catch((error) => error);
    expect(error).toBeInstanceOf(BrokenExecutorError);
    await expect(executor.ready()).rejects.toBe(error);
  });

  it('ready() waits for a second worker if the first one ends while it starts, even without tasks', async () => {
    const backend = flakyBackend((nth) => (nth === 1 ? 'ends' : 'works'));
    await using executor = onFlaky(backend);
    await executor.ready();
    expect(executor.stats().workers).toMatchObject({ idle: 1 });
  });

  it('ready() rejects if fewer workers than minWorkers start, and the executor continues with those', async () => {
    const backend = flakyBackend((nth) => (nth === 1 ? 'works' : 'throws'));
    await using executor = onFlaky(backend, { minWorkers: 2 });
    const error = await executor.ready().catch((error) => error);
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.message).toMatch(/no worker today .*ready\(\) waits for 2 workers, but 1 are up/);
    expect(executor.state).toBe('open');
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });
});

describe('an idle worker that is lost', () => {
  it('a lost idle worker is replaced after pauses that grow', async () => {
    const backend = flakyBackend(() => 'comes up and ends');
    useVirtualClock();
    const executor = onFlaky(backend, { minWorkers: 1, maxWorkers: 1 });
    await during(backend.started(5), 1);
    const gaps = backend.starts.slice(1).map((at, i) => at - backend.starts[i]!);
    for (const [i, gap] of gaps.entries()) expect(gap).toBeGreaterThanOrEqual(100 * 2 ** i);
    expect(executor.state).toBe('open');
    await during(executor.terminate());
  });

  it('the pause before a replacement does not delay a task', async () => {
    useVirtualClock();
    const backend = flakyBackend((nth) => (nth < 5 ? 'comes up and ends' : 'works'));
    const executor = onFlaky(backend, { minWorkers: 1, maxWorkers: 1 });
    const lost = new Promise<void>((resolve) => {
      let count = 0;
      executor.events.subscribe(({ type }) => type === 'worker-died' && ++count === 4 && resolve());
    });
    await during(lost, 1);
    // Without a task, the next spare worker would start in 800 ms.
    const before = backend.starts.length;
    const future = executor.tasks.add(1, 1);
    await Promise.resolve();
    expect(backend.starts.length).toBe(before + 1);
    expect(await during(future)).toBe(2);
    await during(executor.shutdown());
  });

  it('a module that throws after it was loaded causes a few starts, with pauses between them', async () => {
    const tasks =
      'data:text/javascript,setTimeout(() => { throw new Error("no connection") }, 5); export const one = () => 1';
    await using executor = open('gates.js', { tasks, minWorkers: 1, maxWorkers: 1, onUnobservedError() {} });
    const spawned: number[] = [];
    const fourth = new Promise<void>((resolve) => {
      executor.events.subscribe(({ type }) => {
        if (type === 'worker-spawned' && spawned.push(performance.now()) === 4) resolve();
      });
    });
    await fourth;
    expect(spawned[3]! - spawned[0]!).toBeGreaterThan(650);
    expect(executor.state).toBe('open');
  });
});

describe('two workers that alternately fail to start', () => {
  it('two workers that alternately fail break the executor, even if one is always starting', async () => {
    const tasks =
      'data:text/javascript,setTimeout(() => { throw new Error("while it loads") }, 1); await new Promise(() => {}); export const one = () => 1';
    await using executor = open('gates.js', { tasks, maxWorkers: 2, onUnobservedError() {} });
    const futures = [1, 2, 3].map((n) => executor.submit('add', n, n));
    for (const future of futures) await expect(future).rejects.toBeInstanceOf(BrokenExecutorError);
  });
});
