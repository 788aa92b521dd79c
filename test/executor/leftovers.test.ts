/** What a finished task has left behind on its worker, and what becomes of it when that throws. */
import { describe, expect, it, vi } from 'vitest';
import { open } from '../support/open.js';
import { catchUnhandled } from '../support/reports.js';

const unhandled = catchUnhandled();

describe('a timer that a finished task has left behind and that throws', () => {
  it('is told to onUnobservedError, once, with the name and the id of the task, whose future is not affected', async () => {
    const told = vi.fn();
    await using executor = open('dying.js', { maxWorkers: 1, onUnobservedError: told });
    const future = executor.tasks.leaveTimer('left behind');
    expect(await future).toBe('done');
    await vi.waitFor(() => expect(told).toHaveBeenCalled());
    const next = executor.tasks.add(1, 1);
    expect(await next).toBe(2);
    expect(next.threadId).not.toBe(future.threadId);
    await executor.shutdown();
    expect(told.mock.calls).toEqual([[new RangeError('left behind'), { id: future.id, name: 'leaveTimer' }]]);
  });

  it('is told with the name of the worker where the task is synchronous and known as that, so that nobody follows it', async () => {
    const told = vi.fn();
    await using executor = open('dying.js', { name: 'crew', maxWorkers: 1, onUnobservedError: told });
    const { leaveTimer } = executor.tasks;
    await leaveTimer();
    expect(await leaveTimer('left behind')).toBe('done');
    await vi.waitFor(() =>
      expect(told.mock.calls).toEqual([[new RangeError('left behind'), { id: 0, name: 'crew-1' }]]),
    );
  });

  it('is a process warning that names the task where there is no handler', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const { id } = executor.tasks.leaveTimer('left behind');
    const warning = await warned;
    expect(warning).toMatchObject({ name: 'LeftoverErrorWarning', code: 'RX_FUTURES_LEFTOVER' });
    expect(warning.message).toMatch(
      new RegExp(`^Task "leaveTimer" \\(#${id}\\) caused an uncaught error .*: RangeError: left behind`),
    );
  });

  it('does no harm when onUnobservedError throws, and what that throws is reported as RxJS does', async () => {
    const onUnobservedError = () => {
      throw new Error('in the handler');
    };
    await using executor = open('dying.js', { maxWorkers: 1, onUnobservedError });
    const future = executor.tasks.leaveTimer('left behind');
    await future;
    await vi.waitFor(() => expect(unhandled).toHaveBeenCalledWith(new Error('in the handler')));
    const next = executor.tasks.add(1, 1);
    expect(await next).toBe(2);
    expect(next.threadId).not.toBe(future.threadId);
  });

  it('is no leftover where its task still runs: that is rejected with it, and nothing else is told', async () => {
    const told = vi.fn();
    await using executor = open('dying.js', { maxWorkers: 1, onUnobservedError: told });
    expect((await executor.tasks.throwInTimer().settled()).status).toBe('rejected');
    await executor.shutdown();
    expect(told).not.toHaveBeenCalled();
  });
});
