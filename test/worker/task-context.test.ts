import { CancelledError } from 'rx-futures';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Ledger } from '../../src/protocol/ledger.js';
import { registry, runningTask, runningTaskExactly, TaskContext } from '../../src/worker/task-context.js';

const make = () => new TaskContext(1, 7, 'parse', 1, 'crew-1', undefined as never, undefined);

function run(task: TaskContext): TaskContext {
  registry.running.add(task);
  onTestFinished(() => void registry.running.delete(task));
  return task;
}

describe('the signal of a task', () => {
  it('the signal aborts with the reason, whether it is read before or after the abort', () => {
    const [before, after] = [make(), make()];
    const { signal } = before;
    before.abort('enough');
    after.abort('enough');
    expect([signal.reason, after.signal.reason, after.signal.aborted]).toEqual(['enough', 'enough', true]);
  });

  it('the first abort counts, and an abort without a reason has a CancelledError', () => {
    const task = make();
    expect(task.isAborted).toBe(false);
    task.abort(undefined);
    task.abort('late');
    expect(task.signal.reason).toBeInstanceOf(CancelledError);
    expect(task.signal.reason.message).toBe('Task "parse" (#7) was cancelled.');
  });
});

describe('the cancel mark of a task', () => {
  /** A task in slot 1 of a ledger. `abort` is the message with the reason, if it has arrived. */
  function cancellable(abort?: (task: TaskContext) => void) {
    const ledger = new Ledger();
    ledger.open(1);
    ledger.claim(1, 0);
    const cancels = { ledger, receiveAbort: vi.fn(abort) };
    return { ledger, cancels, task: new TaskContext(1, 7, 'parse', 1, 'crew-1', undefined as never, cancels) };
  }

  it('isCancelled is true from the mark on, and the first read marks the slot of the task', () => {
    const { ledger, task } = cancellable();
    expect([ledger.hasReadCancel(1), task.isCancelled, ledger.hasReadCancel(1)]).toEqual([false, false, true]);
    ledger.stop(1);
    expect(task.isCancelled).toBe(true);
  });

  it('the signal does not count as a read of the cancel, and throwIfCancelled does', () => {
    const { ledger, task } = cancellable();
    expect([task.signal.aborted, ledger.hasReadCancel(1)]).toEqual([false, false]);
    task.throwIfCancelled();
    expect(ledger.hasReadCancel(1)).toBe(true);
  });

  it('throwIfCancelled throws the reason of the message, and the signal aborts with it', () => {
    const reason = { why: 'enough' };
    const { ledger, cancels, task } = cancellable((aborted) => aborted.abort(reason));
    const { signal } = task;
    ledger.stop(1);
    expect(thrownBy(() => task.throwIfCancelled())).toBe(reason);
    expect(signal.reason).toBe(reason);
    expect(thrownBy(() => task.throwIfCancelled())).toBe(reason);
    expect(cancels.receiveAbort).toHaveBeenCalledTimes(1);
  });

  it('a signal that is read after the mark aborts later, unless the task has seen its cancel', () => {
    const { ledger, task } = cancellable((aborted) => aborted.abort('enough'));
    ledger.stop(1);
    const { signal } = task;
    const listener = vi.fn();
    signal.addEventListener('abort', listener);
    expect([signal.aborted, task.isCancelled, listener.mock.calls.length]).toEqual([false, true, 0]);
    expect(task.signal.reason).toBe('enough');
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('the end of the task clears its mark and keeps its answer, whatever happens in the slot', () => {
    const { ledger, task } = cancellable();
    ledger.stop(1);
    expect(task.isCancelled).toBe(true);
    ledger.finish(1);
    task.ended();
    expect([task.isCancelled, ledger.hasReadCancel(1)]).toEqual([true, false]);
    const next = cancellable();
    next.task.ended();
    next.ledger.stop(1);
    expect([next.task.isCancelled, next.ledger.hasReadCancel(1)]).toEqual([false, false]);
  });
});

function thrownBy(call: () => void): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('isCausedByAbort', () => {
  const reason = { code: 'enough' };
  const aborted = make();
  aborted.abort(reason);

  it.each<[what: string, error: unknown]>([
    ['the reason itself', reason],
    ['an error with the reason as its cause', new Error('stopped', { cause: reason })],
    ['an AbortError', Object.assign(new Error('aborted'), { name: 'AbortError' })],
    ['a CancelledError', new CancelledError('cancelled')],
  ])('%s is caused by the abort', (_, error) => {
    expect(aborted.isCausedByAbort(error)).toBe(true);
    expect(make().isCausedByAbort(error)).toBe(false);
  });

  const cycle = new Error('round');
  cycle.cause = cycle;
  const hostile = Object.defineProperty({}, 'name', {
    get() {
      throw new Error('in the getter');
    },
  });

  it.each<[what: string, error: unknown]>([
    ['another error', new Error('lost')],
    ['no error', undefined],
    ['a cycle of causes', cycle],
    ['an error whose getters throw', hostile],
  ])('%s is not caused by the abort', (_, error) => {
    expect(aborted.isCausedByAbort(error)).toBe(false);
  });
});

describe('the running task', () => {
  it('a followed task is known exactly, also beside others', () => {
    const [one, two] = [run(make()), run(make())];
    expect(registry.storage.run(two, () => [runningTaskExactly(), runningTask()])).toEqual([two, two]);
    expect(one).not.toBe(two);
  });

  it('a task that is not followed is known only if no other task is running', () => {
    expect(runningTask()).toBe(undefined);
    const only = run(make());
    expect([runningTask(), runningTaskExactly()]).toEqual([only, undefined]);
    run(make());
    expect(runningTask()).toBe(undefined);
  });
});
