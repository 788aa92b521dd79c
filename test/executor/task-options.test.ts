/** The options timeout and retry, on real workers. */
import { chain, Deferred, TimeoutError, WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('timeout', () => {
  it('a task that exceeds its timeout is rejected with TimeoutError, and its signal aborts', async () => {
    await using executor = open('context.js');
    using gate = new Gate();
    const future = executor.tasks.untilAborted.with({ timeout: 5 })(gate.cells);
    await expect(future).rejects.toBeInstanceOf(TimeoutError);
    expect(future.state).toBe('rejected');
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toMatch(/^TimeoutError: /);
  });

  it('a loop that exceeds its timeout loses its worker, and the next task runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    await expect(executor.tasks.loopForever.with({ timeout: 5 })(gate.cells)).rejects.toBeInstanceOf(TimeoutError);
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('the time in the queue does not count for the timeout', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const holding = executor.tasks.hold(gate.cells);
    const waiting = executor.tasks.add.with({ timeout: 50 })(1, 1);
    await gate.arrivals();
    // When this task of another executor has timed out, the waiting one has waited far longer than
    // its limit.
    await using watch = open('gates.js', { maxWorkers: 1, terminateAfter: 0 });
    await expect(watch.tasks.linger.with({ timeout: 150 })(new Gate().cells)).rejects.toBeInstanceOf(TimeoutError);
    expect(waiting.state).toBe('pending');
    gate.open();
    await holding;
    expect(await waiting).toBe(2);
  });
});

describe('retry', () => {
  it('a failing task is run again, at most count times', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    expect(await executor.tasks.failUntil.with({ retry: 3 })(gate.cells, 3)).toBe(3);
    expect(gate.runs).toBe(3);
    using other = new Gate();
    await expect(executor.tasks.failUntil.with({ retry: 2 })(other.cells, 9)).rejects.toThrow('run 3 failed');
    expect(other.runs).toBe(3);
  });

  it('a task whose worker has died is run again', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    expect(await executor.tasks.exitAtFirst.with({ retry: 1 })(gate.cells)).toBe('survived');
    expect(gate.runs).toBe(2);
  });

  it('a task is not run again if when returns false', async () => {
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

  it('the delay function receives the attempt, and its result is the pause', async () => {
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

  it.each(['when', 'delay'] as const)('a task is not run again if %s cancels its future', async (name) => {
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

  it('a cancelled task is never run again', async () => {
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

  it('a task can read the number of its attempt', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    expect(await executor.tasks.failUntilAttempt.with({ retry: 5 })(3)).toBe(3);
  });

  it('terminate() cancels a task during its retry delay', async () => {
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

  it('the steps behind a retried task run with it, on one worker', async () => {
    await using executor = open('gates.js', { maxWorkers: 2 });
    using gate = new Gate();
    const { failUntil, whichThread } = executor.tasks;
    const head = failUntil.with({ retry: 3 })(gate.cells, 3);
    const next = head.pipe(chain(whichThread as never));
    await Promise.all([head, next]);
    expect(next.threadId).toBe(head.threadId);
  });
});
