/** Tests of browsers alone: the ends of workers, the running task, and refused options. */
import { Executor, WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.js';

const tasks = new URL('../fixtures/web.js', import.meta.url);
const open = (options = {}) => new Executor<typeof import('./tasks.js')>({ tasks, maxWorkers: 1, ...options });

declare const Worker: new (
  url: URL,
  options: { type: 'module' },
) => { postMessage(m: unknown): void; terminate(): void };

describe('browser', () => {
  it('the option `worker` runs the tasks that a worker passes to serveWorker()', async () => {
    const url = new URL('../fixtures/web.worker.js', import.meta.url);
    await using executor = new Executor<typeof import('./tasks.js')>({
      worker: () => new Worker(url, { type: 'module' }),
      maxWorkers: 1,
    });
    expect(await executor.tasks.add(1, 2)).toBe(3);
    const error = await executor.submit('ad' as 'add', 1, 2).catch((error) => error);
    expect(error.message).toContain(`Task module "${url.href}" has no export "ad"`);
  });

  it('a worker whose file is missing breaks the executor', async () => {
    const executor = new Executor({
      worker: () => new Worker(new URL('/no-such.js', import.meta.url), { type: 'module' }),
    });
    await expect(executor.ready()).rejects.toThrow(/its file could not be loaded/);
  });

  it('a task that closes its worker rejects, and the next task runs on another worker', async () => {
    await using executor = open();
    await expect(executor.tasks.close()).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await executor.tasks.add(1, 2)).toBe(3);
  });

  it('the end of a worker that the program terminates is noticed', async () => {
    const workers: { terminate(): void }[] = [];
    const worker = () => {
      const created = new Worker(new URL('../fixtures/web.worker.js', import.meta.url), { type: 'module' });
      workers.push(created);
      return created;
    };
    await using executor = new Executor<typeof import('./tasks.js')>({ worker, maxWorkers: 1 });
    const lost = executor.tasks.wait();
    await until(() => lost.state === 'running');
    const next = executor.tasks.add(2, 2);
    workers[0]!.terminate();
    await expect(lost).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await next).toBe(4);
  });

  it('currentTask() throws after an await if several tasks run, and the object from before stays valid', async () => {
    await using executor = open({ concurrency: 2 });
    const futures = [executor.tasks.askTwice(), executor.tasks.askTwice()];
    for (const future of futures) {
      const [before, after, error] = await future;
      expect([before, after]).toEqual([future.id, future.id]);
      expect(error).toMatch(/^currentTask\(\): several tasks are running/);
    }
  });

  it('an error that no code catches rejects all tasks that may have caused it', async () => {
    await using executor = open({ concurrency: 2 });
    const futures = [executor.tasks.wait(), executor.tasks.throwLater()];
    for (const future of futures) await expect(future).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await executor.tasks.add(1, 2)).toBe(3);
  });

  it('an error that a listener of the module handles is no fault', async () => {
    await using executor = open();
    expect(await executor.tasks.handleItself()).toBe('handled');
    expect(await executor.tasks.add(1, 2)).toBe(3);
  });

  it('options of workers of Node are refused', () => {
    expect(() => open({ env: {} })).toThrow('Executor: option "env" has no effect in a browser');
    expect(() => open({ runtime: 'child_process' })).toThrow('option "runtime": expected \'web_worker\'');
  });

  it('captureStacks appends the stack of the submit, from its first line on', async () => {
    await using executor = open({ captureStacks: true });
    function submitHere() {
      return executor.submit(() => {
        throw new RangeError('lost');
      });
    }
    const { stack } = await submitHere().catch((error) => error);
    expect(stack, stack).toMatch(/--- submitted ---\n.*\bsubmit\b.*\n.*submitHere/);
  });

  it('a function that is sent as text runs', async () => {
    await using executor = open();
    expect(await executor.submit((a: number, b: number) => a * b, 6, 7)).toBe(42);
  });
});
