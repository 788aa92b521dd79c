/**
 * G1 The final future: the outcome of a step if its upstream times out, is retried, is cancelled,
 * or returns an unsendable value.
 */
import { chain, type Future, pipeline, SerializationError, TimeoutError, WorkerDiedError } from 'rx-futures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

afterEach(() => void vi.useRealTimers());

const noGrace = { terminateAfter: Number.POSITIVE_INFINITY };
const runtimes = ['worker_threads', 'child_process'] as const;

describe('G1 The final future: a step behind a task that times out (G6)', () => {
  it.each([0, 2])('the step never runs if the task has %i retries', async (retry) => {
    await using executor = open('gates.js', { maxWorkers: 3, ...noGrace });
    using gate = new Gate();
    const { lingerAndGive, count, increment } = executor.tasks;
    const head = lingerAndGive.with({ timeout: 20, retry })(gate.cells);
    const end = head.pipe(chain(count)).pipe(chain(increment));
    await expect(end).rejects.toBeInstanceOf(TimeoutError);
    await gate.arrivals(retry + 1);
    // The runs that timed out end now, and their workers reach the jobs that were dispatched behind
    // them.
    gate.open();
    await executor.shutdown();
    expect(gate.runs).toBe(0);
  });

  it('the step never runs if the task blocks its thread, so that the worker reads no message', async () => {
    await using executor = open('steps.js', { maxWorkers: 1, ...noGrace });
    using gate = new Gate();
    const { holdAndCount, mark, marked } = executor.tasks;
    const end = holdAndCount.with({ timeout: 20 })(gate.cells).pipe(chain(mark));
    await expect(end).rejects.toBeInstanceOf(TimeoutError);
    gate.open();
    expect(await marked()).toBe(0);
  });

  it('the step never runs in a child process', async () => {
    await using executor = open('steps.js', { maxWorkers: 1, runtime: 'child_process', ...noGrace });
    const { untilAborted, mark, marked } = executor.tasks;
    const end = untilAborted.with({ timeout: 20 })().pipe(chain(mark));
    await expect(end).rejects.toBeInstanceOf(TimeoutError);
    expect(await marked()).toBe(0);
  });
});

describe('G1 The final future: a step behind a value that cannot be sent (G5)', () => {
  it('the step runs with the value on its worker', async () => {
    await using executor = open('steps.js', { onUnobservedError() {} });
    using gate = new Gate();
    const { giveFunction, markWith } = executor.tasks;
    expect(await giveFunction(gate.cells).pipe(chain(markWith))).toBe(gate.cells.length);
  });

  it('the step rejects with its own error in spite of a retry, because the value is lost after the first run', async () => {
    await using executor = open('steps.js', { maxWorkers: 1, onUnobservedError() {} });
    using gate = new Gate();
    const { giveFunction, failWith, marked } = executor.tasks;
    const end = giveFunction(gate.cells).pipe(chain(failWith.with({ retry: 3 })));
    await expect(end).rejects.toThrow('failed with');
    expect(await marked()).toBe(1);
  });

  it('the step rejects with the SerializationError of its head if its worker ends before the step starts', async () => {
    await using executor = open('steps.js', { maxWorkers: 1, terminateAfter: 10, onUnobservedError() {} });
    using gate = new Gate();
    const { giveFunction, holdWith, markWith } = executor.tasks;
    const head = giveFunction(gate.cells);
    const holding = head.pipe(chain(holdWith));
    const behind = head.pipe(chain(markWith));
    await gate.arrivals();
    holding.cancel();
    const outcome = await behind.settled();
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(SerializationError) });
    expect(head.outcome).toMatchObject({ reason: (outcome as { reason: unknown }).reason });
  });
});

describe('G1 The final future: a retry (G6)', () => {
  it.each(runtimes)('a retry of a head whose worker died runs the dependent steps too, on %s', async (runtime) => {
    await using executor = open('steps.js', { maxWorkers: 1, runtime });
    const { exitInFirstRun, plusOne } = executor.tasks;
    expect(await exitInFirstRun.with({ retry: 1 })(3).pipe(chain(plusOne)).pipe(chain(plusOne))).toBe(5);
    await expect(exitInFirstRun(3).pipe(chain(plusOne))).rejects.toBeInstanceOf(WorkerDiedError);
  });

  it('no retry starts if `when` or `delay` cancels the future', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { failUntil } = executor.tasks;
    const byWhen: Future<number> = failUntil.with({ retry: { count: 5, when: () => byWhen.cancel() } })(gate.cells, 9);
    expect(await byWhen.settled()).toMatchObject({ status: 'cancelled' });
    const byDelay: Future<number> = failUntil.with({ retry: { count: 5, delay: () => Number(byDelay.cancel()) } })(
      gate.cells,
      9,
    );
    expect(await byDelay.settled()).toMatchObject({ status: 'cancelled' });
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(2);
  });

  it('a full queue does not refuse a retry, because the task was accepted before', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, maxQueue: 1 });
    using gate = new Gate();
    const { add, failUntil } = executor.tasks;
    const others: PromiseLike<number>[] = [];
    const when = () => others.push(add(1, 1), add(2, 2)) > 0;
    expect(await failUntil.with({ retry: { count: 1, when } })(gate.cells, 2)).toBe(2);
    expect(await Promise.all(others)).toEqual([2, 4]);
  });

  it('a retry leaves no timer of an earlier run active', async () => {
    vi.useFakeTimers();
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    expect(await executor.tasks.failUntil.with({ timeout: 60_000, retry: 2 })(gate.cells, 3)).toBe(3);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('G1 The final future: a later step of one pipe() call or of a pipeline (G7)', () => {
  it.each(runtimes)(
    'the step does not start if the chain is cancelled while the step before it waits, on %s',
    async (runtime) => {
      await using executor = open('steps.js', { maxWorkers: 1, runtime });
      const { untilAborted, mark, marked } = executor.tasks;
      const chained = () => executor.tasks.plusOne(1).pipe(chain(executor.tasks.untilAbortedWith), chain(mark));
      for (const begin of [chained, pipeline(untilAborted, mark)]) {
        const end = begin();
        while (end.state !== 'running') await new Promise(setImmediate);
        end.cancel();
        expect(await marked()).toBe(0);
      }
    },
  );

  it('the step does not start if the chain is cancelled while the step before it blocks the thread', async () => {
    await using executor = open('steps.js', { maxWorkers: 1, ...noGrace });
    const { holdAndCount, mark, marked } = executor.tasks;
    for (const stop of ['cancel', 'time out'] as const) {
      using gate = new Gate();
      const timeout = stop === 'cancel' ? undefined : 20;
      const end = pipeline(holdAndCount, mark).with({ timeout })(gate.cells);
      await gate.arrivals();
      if (stop === 'cancel') end.cancel();
      await end.settled();
      gate.open();
      expect(await marked()).toBe(0);
    }
  });
});
