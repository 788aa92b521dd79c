import { CancelledError } from 'rx-futures';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registry, runningTask, runningTaskExactly, TaskContext } from '../../src/worker/task-context.js';

const make = () => new TaskContext(1, 7, 'parse', 1, 'crew-1', undefined as never);

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
