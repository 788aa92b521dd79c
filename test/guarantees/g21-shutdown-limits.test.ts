/**
 * G21 Deadlines: `shutdown({ timeout })` resolves in time. It cancels the work that is left, with a
 * TimeoutError as the cause.
 */
import { CancelledError, chain, Deferred, TimeoutError } from 'rx-futures';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

afterEach(() => void vi.useRealTimers());

async function causeOf(future: PromiseLike<unknown>): Promise<TimeoutError> {
  const error = await Promise.resolve(future).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(CancelledError);
  const { cause } = error as CancelledError;
  expect(cause).toBeInstanceOf(TimeoutError);
  return cause as TimeoutError;
}

describe('G21 Deadlines: shutdown({ timeout })', () => {
  it('work that ends in time is not cut off, and no timer is left', async () => {
    const executor = open('gates.js');
    vi.useFakeTimers();
    const future = executor.tasks.add(1, 1);
    const closed = executor.shutdown({ timeout: 60_000 });
    await closed;
    expect(future.state).toBe('fulfilled');
    expect(vi.getTimerCount()).toBe(0);
    await executor.shutdown({ timeout: 60_000 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a blocked worker, waiting tasks and steps of running chains are cut off, each with its phase', async () => {
    const executor = open('gates.js', { maxWorkers: 1, terminateAfter: Number.POSITIVE_INFINITY });
    using gate = new Gate();
    const { loopForever, add, double } = executor.tasks;
    const running = loopForever(gate.cells);
    const step = (running as never as ReturnType<typeof double>).pipe(chain(double));
    await gate.arrivals();
    const waiting = add(1, 1);
    await executor.shutdown({ timeout: 20 });
    expect(executor.state).toBe('closed');
    const cause = await causeOf(running);
    expect(cause.phase).toBe('running');
    expect(cause.message).toMatch(/^Executor "executor" did not shut down within 20 ms\. Increase/);
    expect((await causeOf(waiting)).phase).toBe('waiting');
    await causeOf(step);
  });

  it('the earliest time counts if several calls have one', async () => {
    const executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    vi.useFakeTimers();
    const future = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    const calls = [
      executor.shutdown(),
      executor.shutdown({ timeout: 50_000 }),
      executor.shutdown({ timeout: 10_000 }),
      executor.shutdown({ timeout: 30_000, cancelPending: true }),
      executor.shutdown({ timeout: Number.POSITIVE_INFINITY }),
    ];
    vi.advanceTimersByTime(9_999);
    expect(future.state).toBe('running');
    vi.advanceTimersByTime(1);
    expect((await causeOf(future)).message).toContain('10000 ms');
    await Promise.all(calls);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a later call may add a time limit, and 0 ends the executor like terminate()', async () => {
    const executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    const never = executor.submit(() => new Promise(() => {}));
    const argument = new Deferred<number>();
    const follows = executor.tasks.add(1, argument.future);
    const closed = executor.shutdown();
    await executor.shutdown({ timeout: 0 });
    await closed;
    await causeOf(never);
    await causeOf(follows);
  });

  it('a busy worker with a finalizer ends in time, and the finalizer does not run', async () => {
    using gate = new Gate();
    const finalizer = { initializer: 'open', initArgs: [gate.cells], finalizer: 'close', finalizeTimeout: 600_000 };
    const executor = open('finalized.js', { maxWorkers: 1, terminateAfter: Number.POSITIVE_INFINITY, ...finalizer });
    const running = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    await executor.shutdown({ timeout: 20 });
    expect((await causeOf(running)).phase).toBe('running');
    expect(gate.notes).toEqual([1]);
  });

  it.each(['shutdown', 'terminate'] as const)('a finalizer that runs at %s() is cut off and reported', async (end) => {
    using gate = new Gate();
    const errors: unknown[] = [];
    const executor = open('finalized.js', {
      ...{ maxWorkers: 1, initializer: 'open', initArgs: [gate.cells] },
      ...{ finalizer: 'closeAtGate', finalizeTimeout: 600_000 },
      onUnobservedError: (error, { name }) => void errors.push([name, error]),
    });
    await executor.tasks.work();
    const closed = executor[end]();
    await gate.arrivals();
    await executor.shutdown({ timeout: 0 });
    await closed;
    expect(errors).toEqual([['closeAtGate', expect.any(TimeoutError)]]);
    expect(errors).toMatchObject([['closeAtGate', { message: expect.stringContaining('the timeout of shutdown()') }]]);
    expect(gate.notes).toEqual([1, 2]);
  });

  it('terminate() before the time is up cancels with its own reason', async () => {
    const executor = open('gates.js', { maxWorkers: 1 });
    const never = executor.submit(() => new Promise(() => {}));
    const closed = executor.shutdown({ timeout: 60_000 });
    await executor.terminate();
    await closed;
    await expect(never).rejects.toMatchObject({ cause: { name: 'ExecutorShutdownError' } });
  });
});
