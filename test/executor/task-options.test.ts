/** timeout and retry, on real workers. */
import { chain, Deferred, TimeoutError, WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('timeout', () => {
  it('rejects a task that runs too long with TimeoutError, and aborts its signal', async () => {
    await using executor = open('context.js');
    using gate = new Gate();
    const future = executor.tasks.untilAborted.with({ timeout: 5 })(gate.cells);
    await expect(future).rejects.toBeInstanceOf(TimeoutError);
    expect(future.state).toBe('rejected');
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toMatch(/^TimeoutError: /);
  });

  it('ends the worker of a loop, and the next task runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    await expect(executor.tasks.loopForever.with({ timeout: 5 })(gate.cells)).rejects.toBeInstanceOf(TimeoutError);
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('does not count the time in the queue', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const holding = executor.tasks.hold(gate.cells);
    const waiting = executor.tasks.add.with({ timeout: 1 })(1, 1);
    await gate.arrivals();
    // By the time that this has timed out on another executor, the one that waits has waited far longer than its limit.
    await using watch = open('gates.js', { maxWorkers: 1, terminateAfter: 0 });
    await expect(watch.tasks.linger.with({ timeout: 30 })(new Gate().cells)).rejects.toBeInstanceOf(TimeoutError);
    expect(waiting.state).toBe('pending');
    gate.open();
    await holding;
    expect(await waiting).toBe(2);
  });
});

describe('retry', () => {
  it('runs a failing task again, count times at most', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    expect(await executor.tasks.failUntil.with({ retry: 3 })(gate.cells, 3)).toBe(3);
    expect(gate.runs).toBe(3);
    using other = new Gate();
    await expect(executor.tasks.failUntil.with({ retry: 2 })(other.cells, 9)).rejects.toThrow('run 3 failed');
    expect(other.runs).toBe(3);
  });

  it('runs a task again whose worker has died', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    expect(await executor.tasks.exitAtFirst.with({ retry: 1 })(gate.cells)).toBe('survived');
    expect(gate.runs).toBe(2);
  });

  it('asks when, and does not run again where that says no', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const asked: unknown[] = [];
    const when = (error: unknown) => {
      asked.push(error);
      return !(error instanceof WorkerDiedError);
    };
    const error = await executor.tasks.exitAtFirst
      .with({ retry: { count: 5, when } })(gate.cells)
      .catch((error: unknown) => error);
    expect(asked[0]).toBe(error);
    expect(asked).toEqual([expect.any(WorkerDiedError)]);
    expect(gate.runs).toBe(1);
  });

  it('waits as long as delay says, which is told the attempt', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const attempts: number[] = [];
    const delay = (attempt: number) => {
      attempts.push(attempt);
      return 1;
    };
    await executor.tasks.failUntil.with({ retry: { count: 5, delay } })(gate.cells, 4);
    expect(attempts).toEqual([1, 2, 3]);
  });

  it.each(['when', 'delay'] as const)('does not happen when %s cancels the future', async (name) => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    gate.open();
    const types: string[] = [];
    executor.events.subscribe(({ type }) => types.push(type));
    const calls = { when: () => true, delay: () => 0 };
    const cancels = () => (future.cancel('enough') ? calls[name]() : false) as never;
    const retry = { count: 3, ...calls, [name]: cancels };
    const future = executor.tasks.lingerAndFail.with({ retry })(gate.cells, 'late');
    await expect(future).rejects.toMatchObject({ name: 'CancelledError', cause: 'enough' });
    expect(await executor.tasks.add(1, 1)).toBe(2);
    expect(types).not.toContain('task-retried');
    expect(gate.arrived).toBe(1);
  });

  it('never runs again after a cancel', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const future = executor.tasks.lingerAndFail.with({ retry: 5 })(gate.cells, 'late');
    await gate.arrivals();
    future.cancel();
    gate.open();
    await executor.tasks.add(1, 1);
    expect(gate.arrived).toBe(1);
    expect(future.state).toBe('cancelled');
  });

  it('tells the task which attempt it is', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    expect(await executor.tasks.failUntilAttempt.with({ retry: 5 })(3)).toBe(3);
  });

  it('is given up when the executor is terminated during its delay', async () => {
    const executor = open('context.js');
    const failed = new Deferred<void>();
    const delay = () => {
      failed.resolve();
      return 3_600_000;
    };
    const future = executor.tasks.failUntilAttempt.with({ retry: { count: 1, delay } })(2);
    await failed.future;
    expect(future.state).toBe('running');
    await executor.terminate();
    expect(future.state).toBe('cancelled');
  });

  it('runs the steps that wait for it with it, on one worker', async () => {
    await using executor = open('gates.js', { maxWorkers: 2 });
    using gate = new Gate();
    const { failUntil, whichThread } = executor.tasks;
    const head = failUntil.with({ retry: 3 })(gate.cells, 3);
    const next = head.pipe(chain(whichThread as never));
    await Promise.all([head, next]);
    expect(next.threadId).toBe(head.threadId);
  });
});
