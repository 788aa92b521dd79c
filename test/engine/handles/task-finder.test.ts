import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../src/engine/engine.js';
import { makeTask } from '../../../src/engine/handles/task.js';
import { TaskFinder } from '../../../src/engine/handles/task-finder.js';

function engine({ sendsFunctions = true } = {}): Engine {
  return { name: 'crew', traits: { sendsFunctions } } as unknown as Engine;
}

describe('a task finder', () => {
  it('find() returns the same step for each use of a name, whatever the options of the finder are', () => {
    const finder = new TaskFinder(engine(), true);
    const { steps } = finder.find('parse', 'submit(task)');
    expect(steps).toMatchObject([{ kind: 'export', name: 'parse' }]);
    expect(finder.with({ timeout: 5 }).find('parse', 'submit(task)').steps[0]).toBe(steps[0]);
    expect(finder.named('parse').steps[0]).toBe(steps[0]);
  });

  it('find() returns a step with the source text of a function', () => {
    const finder = new TaskFinder(engine(), false);
    const { name, steps } = finder.find((n: number) => n + 1, 'submit(task)');
    expect([name, steps]).toMatchObject(['anonymous function', [{ kind: 'source', text: '(n) => n + 1' }]]);
  });

  it('the options of the finder apply to each task, and a handle keeps its own', () => {
    const finder = new TaskFinder(engine(), true).with({ timeout: 5, priority: 1 });
    const handle = makeTask({ ...new TaskFinder(finder.engine, true).named('parse'), options: { timeout: 7 } });
    const tasks = ['parse', () => 1, handle].map((task) => finder.find(task, 'submit(task)').options);
    expect(tasks).toEqual([
      { timeout: 5, priority: 1 },
      { timeout: 5, priority: 1 },
      { timeout: 7, priority: 1 },
    ]);
  });

  it.each<[string, TaskFinder, unknown, RegExp]>([
    ['a name without a task module', new TaskFinder(engine(), false), 'parse', /has no task module/],
    [
      'a function for a queue',
      new TaskFinder(engine({ sendsFunctions: false }), true),
      () => 1,
      /can't send functions/,
    ],
    [
      'a value that is no task',
      new TaskFinder(engine(), true),
      5,
      /^submit\(task\): expected a task, .*, got number\. Pass a task of executor\.tasks\.$/,
    ],
    [
      'a handle of another executor',
      new TaskFinder(engine(), true),
      makeTask(new TaskFinder(engine(), true).named('parse')),
      /belongs to executor "crew"/,
    ],
  ])('find() throws a TypeError for %s', (_what, finder, task, message) => {
    expect(() => finder.find(task, 'submit(task)')).toThrow(TypeError);
    expect(() => finder.find(task, 'submit(task)')).toThrow(message);
  });
});
