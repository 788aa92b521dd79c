/** Timers that a finished task has left behind on its worker, and that throw. */
import { describe, expect, it, vi } from 'vitest';
import { open } from '../support/open.js';
import { catchUnhandled } from '../support/reports.js';

const unhandled = catchUnhandled();

describe('a timer that a finished task has left behind and that throws', () => {
  it('an error that a finished task left behind is passed to onUnobservedError once, with the name and id of the task', async () => {
    const reported = vi.fn();
    await using executor = open('dying.js', { maxWorkers: 1, onUnobservedError: reported });
    const future = executor.tasks.leaveTimer('left behind');
    expect(await future).toBe('done');
    await vi.waitFor(() => expect(reported).toHaveBeenCalled());
    const next = executor.tasks.add(1, 1);
    expect(await next).toBe(2);
    expect(next.threadId).not.toBe(future.threadId);
    await executor.shutdown();
    expect(reported.mock.calls).toEqual([[new RangeError('left behind'), { id: future.id, name: 'leaveTimer' }]]);
  });

  it('an error that a synchronous task left behind is passed on with the name of the worker, because no such task is tracked', async () => {
    const reported = vi.fn();
    await using executor = open('dying.js', { name: 'crew', maxWorkers: 1, onUnobservedError: reported });
    const { leaveTimer } = executor.tasks;
    await leaveTimer();
    expect(await leaveTimer('left behind')).toBe('done');
    await vi.waitFor(() =>
      expect(reported.mock.calls).toEqual([[new RangeError('left behind'), { id: 0, name: 'crew-1' }]]),
    );
  });

  it('an error that a finished task left behind becomes a process warning with its name if there is no handler', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const { id } = executor.tasks.leaveTimer('left behind');
    const warning = await warned;
    expect(warning).toMatchObject({ name: 'LeftoverErrorWarning', code: 'RX_FUTURES_LEFTOVER' });
    expect(warning.message).toMatch(
      new RegExp(`^Task "leaveTimer" \\(#${id}\\) caused an uncaught error .*: RangeError: left behind`),
    );
  });

  it('an error of onUnobservedError itself is reported as RxJS does, and does no harm', async () => {
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

  it('an error of a task that still runs rejects its future, and is not passed to onUnobservedError', async () => {
    const reported = vi.fn();
    await using executor = open('dying.js', { maxWorkers: 1, onUnobservedError: reported });
    expect((await executor.tasks.throwInTimer().settled()).status).toBe('rejected');
    await executor.shutdown();
    expect(reported).not.toHaveBeenCalled();
  });
});
