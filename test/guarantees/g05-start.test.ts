/**
 * G5 Everything settles: workers that never start. No future waits for them, and the executor
 * reports the cause.
 */
import { BrokenExecutorError, chain, Executor } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { fixture, open } from '../support/open.js';

const bad = {
  'a module that is not there': { tasks: fixture('not-there.js') },
  'a module that throws when it is imported': { tasks: fixture('throws-on-import.js') },
  'a module with an error in its syntax': { tasks: 'data:text/javascript,export const = not JavaScript' },
  'an initializer that throws': { tasks: fixture('initialized.js'), initializer: 'initializeBadly' },
  'an initializer that is not there': { tasks: fixture('initialized.js'), initializer: 'initialise' },
};

describe.each(Object.entries(bad))('G5 Everything settles: %s', (_, options) => {
  const executorOf = () => new Executor<Record<string, (n?: number) => number>>({ maxWorkers: 2, ...options });

  it('every future of a task or a step is rejected with a BrokenExecutorError', async () => {
    await using executor = executorOf();
    const head = executor.submit('work', 1);
    const futures = [head, head.pipe(chain((n) => n + 1)), executor.submit('work', head), executor.submit('work', 2)];
    for (const future of futures) {
      const outcome = await future.settled();
      expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(BrokenExecutorError);
    }
  });

  it('the executor is broken, refuses work at once, and names the cause', async () => {
    await using executor = executorOf();
    const error = await executor.ready().catch((error) => error);
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.code).toBe('ERR_BROKEN_EXECUTOR');
    expect(error.cause).toBeDefined();
    expect(executor.state).toBe('broken');
    expect(() => executor.submit('work', 1)).toThrow(error);
    await expect(executor.ready()).rejects.toBe(error);
  });

  it('a broken executor can be shut down and terminated', async () => {
    const executor = executorOf();
    await executor.submit('work', 1).settled();
    await Promise.all([executor.shutdown(), executor.shutdown({ cancelPending: true }), executor.terminate()]);
    expect(executor.state).toBe('broken');
    expect(executor.stats()).toMatchObject({ pending: 0, queued: 0, running: 0 });
  });
});

describe('G5 Everything settles', () => {
  it('a shutdown while the workers start waits for the pending task', async () => {
    const executor = open('gates.js', { minWorkers: 2 });
    const future = executor.tasks.add(1, 1);
    await executor.shutdown();
    expect(future.state).toBe('fulfilled');
  });

  it('terminate() while the workers start cancels the pending task', async () => {
    const executor = open('gates.js', { minWorkers: 2 });
    const future = executor.tasks.add(1, 1);
    const ready = executor.ready().catch((error) => error);
    await executor.terminate();
    expect(future.state).toBe('cancelled');
    expect(await ready).toBeInstanceOf(Error);
  });

  it('every future settles if a later worker does not start', async () => {
    const cells = new Int32Array(new SharedArrayBuffer(65_536));
    const onWorker = { initializer: 'initializeOnce', initArgs: [cells] };
    const executor = open('initialized.js', { maxWorkers: 2, ...onWorker });
    await executor.ready();
    const futures = Array.from({ length: 100 }, () => executor.tasks.initializations());
    const outcomes = await Promise.all(futures.map((future) => future.settled()));
    // Either all tasks ran, or the executor rejected them with an error. No future stays pending.
    for (const { status } of outcomes) expect(['fulfilled', 'rejected']).toContain(status);
    await executor.shutdown();
  });
});
