import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { canJoin, makeTask, type TaskInfo, taskInfo, withDefaults } from '../../../src/engine/handles/task.js';

const engine = { run: vi.fn(), stream: vi.fn() } as never;
const info = (options = {}, more: Partial<TaskInfo> = {}): TaskInfo => ({
  engine,
  steps: [],
  name: 'parse',
  options,
  ...more,
});

describe('a task handle', () => {
  it('a handle prints its name, and shows no property', () => {
    const handle = makeTask(info());
    expect(inspect(handle)).toBe('Task { parse }');
    expect(String(handle)).toBe('Task { parse }');
    expect(JSON.stringify({ handle: { ...handle } })).not.toContain('engine');
    expect(handle.name).toBe('parse');
  });

  it('taskInfo() reads the data of a handle, and nothing of another value', () => {
    const data = info();
    expect(taskInfo(makeTask(data))).toBe(data);
    expect([taskInfo(() => {}), taskInfo({}), taskInfo(undefined)]).toEqual([undefined, undefined, undefined]);
  });

  it('with() returns another handle with the options added, and leaves the first one as it is', () => {
    const first = makeTask(info({ priority: 1 }));
    const second = first.with({ timeout: 5 }).with({ priority: 2 });
    expect(taskInfo(second)!.options).toEqual({ priority: 2, timeout: 5 });
    expect(taskInfo(first)!.options).toEqual({ priority: 1 });
  });

  it('with() of a pipeline leaves each run its own timeout and retry', () => {
    const pipeline = makeTask(info({ timeout: 1 }, { more: [info({ retry: 2 })] }));
    const { options, more } = taskInfo(pipeline.with({ timeout: 9, retry: 9, priority: 3 }))!;
    expect(options).toEqual({ timeout: 1, retry: 9, priority: 3 });
    expect(more![0]!.options).toEqual({ timeout: 9, retry: 2, priority: 3 });
  });

  it('with() refuses an unknown option', () => {
    expect(() => makeTask(info()).with({ patience: 1 } as never)).toThrow(
      /^with\(options\): unknown option "patience"/,
    );
  });
});

describe('withDefaults', () => {
  it('a default applies to each run that does not set the option itself', () => {
    const task = withDefaults(info({ timeout: 1 }, { more: [info()] }), { timeout: 9, priority: 3 });
    expect(task.options).toEqual({ timeout: 1, priority: 3 });
    expect(task.more![0]!.options).toEqual({ timeout: 9, priority: 3 });
  });
});

describe('canJoin', () => {
  it.each<[what: string, a: TaskInfo, b: TaskInfo, result: boolean]>([
    ['without options', info(), info(), true],
    ['with the same priority', info({ priority: 1 }), info({ priority: 1 }), true],
    ['with different priorities', info({ priority: 1 }), info(), false],
    ['of which one has a timeout', info(), info({ timeout: 1 }), false],
    ['of which one has retries', info({ retry: 1 }), info(), false],
    ['of which one has several runs', info({}, { more: [info()] }), info(), false],
    ['of different executors', info(), info({}, { engine: {} as never }), false],
  ])('two tasks %s share a run only if nothing separates them', (_, a, b, result) => {
    expect(canJoin(a, b)).toBe(result);
  });
});
