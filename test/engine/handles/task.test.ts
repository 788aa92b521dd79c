import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { makeTask, taskInfo } from '../../../src/engine/handles/task.js';
import type { TaskInfo } from '../../../src/engine/handles/task-info.js';

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
