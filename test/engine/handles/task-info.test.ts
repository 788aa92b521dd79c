import { describe, expect, it } from 'vitest';
import { canJoin, type TaskInfo, withDefaults } from '../../../src/engine/handles/task-info.js';

const engine = {} as never;
const info = (options = {}, more: Partial<TaskInfo> = {}): TaskInfo => ({
  engine,
  steps: [],
  name: 'parse',
  options,
  ...more,
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
