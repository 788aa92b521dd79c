/** An executor on this thread for tests of the dashboard. Its tasks end when the test says so. */
import { Executor, type ExecutorOptions } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { onTestFinished } from 'vitest';
import { engineOf } from '../../src/executor.js';

export function openInline(options: ExecutorOptions = {}) {
  const waiting: (() => void)[] = [];
  const module = {
    square: (n: number) => n * n,
    fail: (message: string) => {
      throw new Error(message);
    },
    /** Runs until `open` is called. */
    wait: () => new Promise<void>((resolve) => waiting.push(resolve)),
  };
  const executor = new Executor<typeof module>({
    backend: inlineBackend({ module: () => module }),
    name: 'crew',
    maxWorkers: 1,
    concurrency: 4,
    onUnobservedError: () => {},
    ...options,
  });
  const open = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  onTestFinished(async () => {
    // The tasks run on this thread, so they must end before other tests run.
    open();
    await executor.terminate();
  });
  return {
    executor,
    tasks: executor.tasks,
    engine: engineOf(executor)!,
    waiting,
    open,
  };
}
