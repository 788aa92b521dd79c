/**
 * G21 Deadlines: a task settles within its `deadline`. The time starts at the submit, or for a step
 * of a chain when its input is there. It includes all waiting and all retries.
 */
import { chain, Deferred, Executor, type Future, pipeline, TimeoutError } from 'rx-futures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Gate } from '../support/gate.js';
import { fixture, open } from '../support/open.js';
import { until } from '../support/until.js';

afterEach(() => void vi.useRealTimers());

/** Longer than any test. */
const NEVER = 3_600_000;

async function lateError(future: PromiseLike<unknown>): Promise<TimeoutError> {
  const error = await Promise.resolve(future).then(
    (value) => expect.fail(`fulfilled with ${value}`),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(TimeoutError);
  return error as TimeoutError;
}

/** Resolves when a limit that starts now would have expired. */
async function expire(timeout: number): Promise<void> {
  await lateError(new Deferred().future.result({ timeout }));
}

describe('G21 Deadlines: what counts for a deadline', () => {
  it('a task that waits for a worker is rejected at its deadline, and never runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const holding = executor.tasks.hold(gate.cells);
    await gate.arrivals();
    const waiting = executor.tasks.count.with({ deadline: 20 })(gate.cells);
    const error = await lateError(waiting);
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', phase: 'waiting' });
    expect(error.message).toMatch(/^Task "count" \(#\d+\) exceeded its deadline of 20 ms while it waited\. /);
    gate.open();
    await holding;
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('a task that runs is stopped at its deadline, and its signal aborts with the error', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    await executor.ready();
    using gate = new Gate();
    const future = executor.tasks.untilAborted.with({ deadline: 1_000 })(gate.cells);
    const error = await lateError(future);
    expect(error.phase).toBe('running');
    expect(error.message).toMatch(/exceeded its deadline of 1000 ms while it ran, and was stopped\./);
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toBe(`TimeoutError: ${error.message}`);
  });

  it('a thread that blocks past a deadline is terminated, and the next task runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    await lateError(executor.tasks.loopForever.with({ deadline: 50 })(gate.cells));
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('the wait for arguments that are futures counts', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const argument = new Deferred<number>();
    const future = executor.tasks.add.with({ deadline: 20 })(1, argument.future);
    expect((await lateError(future)).phase).toBe('waiting');
    // No other code reads the argument.
    expect(argument.future.state).toBe('cancelled');
  });

  it('a task that settles in time keeps its result, and its deadline is gone', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    const future = executor.tasks.add.with({ deadline: NEVER })(1, 1);
    expect(await future).toBe(2);
    const endless = executor.tasks.add.with({ deadline: Number.POSITIVE_INFINITY })(2, 2);
    expect(await endless).toBe(4);
  });

  it('a task that had ended in time is fulfilled, even if the caller was blocked at the deadline', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await executor.tasks.add(1, 1);
    for (const limit of ['deadline', 'timeout']) {
      // From here, the event loop runs its timers before it reads messages.
      await new Promise((resolve) => setImmediate(resolve));
      const future = executor.tasks.note.with({ [limit]: 500 })(gate.cells, 7);
      // The task is sent at the end of this tick.
      await Promise.resolve();
      const started = performance.now();
      while (performance.now() - started < 800);
      expect(await future).toBe(7);
    }
  });

  it('many deadlines in any order each reject their own task', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const holding = executor.tasks.hold(gate.cells);
    await gate.arrivals();
    const order: number[] = [];
    const late = [70, 30, 90, 50, 10].map((deadline) => {
      const future = executor.tasks.add.with({ deadline })(1, 1);
      future.addDoneCallback(() => order.push(deadline));
      return future;
    });
    const kept = Array.from({ length: 500 }, (_, i) => executor.tasks.add.with({ deadline: NEVER + i })(i, 0));
    await Promise.all(late.map((future) => lateError(future)));
    expect(order).toEqual([10, 30, 50, 70, 90]);
    gate.open();
    await holding;
    expect(await Promise.all(kept)).toEqual(kept.map((_, i) => i));
  });
});

describe('G21 Deadlines: steps and pipelines', () => {
  it('the deadline of a step counts from the moment at which its input is there', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { linger, double } = executor.tasks;
    const step = linger(gate.cells, 4).pipe(chain(double.with({ deadline: 1_000 })));
    await gate.arrivals();
    // The same time passes while the step waits for its input.
    await expire(1_100);
    expect(step.state).toBe('pending');
    gate.open();
    expect(await step).toBe(8);
  });

  it('a step that runs too long is rejected, and the head keeps its value', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    const { lingerAndGive, loopForever } = executor.tasks;
    const head = lingerAndGive(gate.cells);
    const step = head.pipe(chain(loopForever.with({ deadline: 500 })));
    await gate.arrivals();
    gate.open();
    expect(await lateError(step)).toMatchObject({ phase: 'running' });
    expect(head.state).toBe('fulfilled');
  });

  it('the deadline of a head ends with the head', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    await executor.ready();
    using gate = new Gate();
    const { add, linger } = executor.tasks;
    const head = add.with({ deadline: 1_000 })(1, 1);
    const step = head.pipe(chain((() => linger(gate.cells, 5)) as never));
    await gate.arrivals();
    await expire(1_100);
    gate.open();
    expect(await step).toBe(5);
  });

  it('a head that is late rejects its steps with the same error, and none of them runs', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    await executor.ready();
    using gate = new Gate();
    const { lingerAndGive, count } = executor.tasks;
    const head = lingerAndGive.with({ deadline: 500 })(gate.cells);
    const step = head.pipe(chain(count as never));
    const error = await lateError(step);
    expect(head.outcome).toMatchObject({ reason: error });
    gate.open();
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(0);
  });

  it('a pipeline has one deadline for all of its runs, from the submit on', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 4 });
    await executor.ready();
    using gate = new Gate();
    const { lingerAndGive, count } = executor.tasks;
    const two = pipeline(lingerAndGive.with({ retry: 1 }), count);
    for (const late of [
      two.with({ deadline: 1_000 }),
      pipeline(two.with({ deadline: 1_000 }), executor.tasks.increment),
      (cells: Int32Array) => executor.with({ deadline: 1_000 }).submit(two as never, cells as never),
    ]) {
      const error = await lateError((late as (cells: unknown) => Future<number>)(gate.cells));
      expect(error.phase).toBe('running');
    }
    expect(gate.runs).toBe(0);
    gate.open();
    expect(await two.with({ deadline: NEVER })(gate.cells)).toBe(1);
    expect(gate.runs).toBe(1);
  });

  it('a task of a pipeline keeps its own deadline', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { lingerAndGive, count } = executor.tasks;
    await lateError(pipeline(lingerAndGive.with({ deadline: 100 }), count)(gate.cells));
    expect(gate.runs).toBe(0);
  });

  it('a stream is late if it does not end before its deadline, a map if one of its inputs is late', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    const bound = executor.with({ deadline: 100 });
    const end = new Promise((resolve) => bound.stream('linger', gate.cells).subscribe({ error: resolve }));
    expect(await end).toBeInstanceOf(TimeoutError);
    const mapped = new Promise((resolve) => bound.map('linger', [gate.cells]).subscribe({ error: resolve }));
    expect(await mapped).toBeInstanceOf(TimeoutError);
  });
});

describe('G21 Deadlines: retries', () => {
  it('a retry that would come after the deadline rejects the future at once, with the failure as the cause', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    const retry = { count: 5, delay: NEVER };
    const future = executor.tasks.failUntilAttempt.with({ retry, deadline: NEVER / 2 })(9);
    const error = await lateError(future);
    expect(error).toMatchObject({ phase: 'waiting', cause: { message: 'attempt 1 failed' } });
    expect(error.message).toMatch(/failed, and its deadline of 1800000 ms would expire while it waited/);
  });

  it('a deadline that expires during a later run has the last failure as its cause', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    await executor.ready();
    using gate = new Gate();
    const fail = async (cells: Int32Array) => {
      if (Atomics.add(cells, 900, 1) === 0) throw new Error('first');
      await new Promise(() => {});
    };
    const error = await lateError(executor.with({ retry: 1, deadline: 1_000 }).submit(fail, gate.cells));
    expect(error).toMatchObject({ phase: 'running', cause: { message: 'first' } });
  });

  it('retries without a delay use the time up to the deadline', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    expect(await executor.tasks.failUntilAttempt.with({ retry: 5, deadline: NEVER })(4)).toBe(4);
    const endless = executor.with({ retry: Number.POSITIVE_INFINITY, deadline: 300 });
    const error = await lateError(endless.tasks.failUntilAttempt(Number.MAX_SAFE_INTEGER));
    expect((error.cause as Error).message).toMatch(/^attempt \d+ failed$/);
  });
});

describe('G21 Deadlines: on every runtime and clock', () => {
  it('a child process keeps a deadline, waiting and running', async () => {
    await using executor = new Executor<typeof import('../fixtures/gates.js')>({
      tasks: fixture('gates.js'),
      maxWorkers: 1,
      runtime: 'child_process',
      terminateAfter: 5,
    });
    await executor.ready();
    // The first task runs past its deadline, so the second one waits past its own.
    const running = executor.with({ deadline: 1_000 }).submit(() => new Promise<void>(() => {}));
    await until(() => running.state === 'running');
    const waiting = executor.tasks.add.with({ deadline: 100 })(1, 1);
    expect(await lateError(waiting)).toMatchObject({ phase: 'waiting' });
    expect(await lateError(running)).toMatchObject({ phase: 'running' });
  });

  it('a deadline follows the fake clock, and leaves no timer on it', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const holding = executor.tasks.hold(gate.cells);
    await gate.arrivals();
    vi.useFakeTimers();
    const waiting = executor.tasks.add.with({ deadline: 5_000 })(1, 1);
    const settled = executor.tasks.add.with({ deadline: 5_000 })(1, 1);
    settled.cancel();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(4_999);
    expect(waiting.state).toBe('pending');
    vi.advanceTimersByTime(1);
    expect(waiting.state).toBe('rejected');
    expect(await lateError(waiting)).toMatchObject({ phase: 'waiting' });
    expect(vi.getTimerCount()).toBe(0);
    gate.open();
    await holding;
    const retry = { count: 1, delay: 4_000 };
    const failing = executor.tasks.lingerAndFail.with({ retry, deadline: 3_000 })(gate.cells, 'soon');
    expect(await lateError(failing)).toMatchObject({ cause: { message: 'soon' } });
    expect(vi.getTimerCount()).toBe(0);
  });
});
