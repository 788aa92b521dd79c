/**
 * Loggers, printers and test runners can print an executor, its tasks and every object they return,
 * without running a task.
 */
import assert from 'node:assert';
import { format, inspect } from 'node:util';
import { serialize } from 'node:v8';
import { asCompleted, Deferred, Executor, pipeline, type Task, TaskNotFoundError } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { fixture } from '../../support/open.js';

const executor = new Executor<typeof import('../../fixtures/reserved.js')>({
  name: 'crew',
  tasks: fixture('reserved.js'),
  maxWorkers: 1,
});
const { tasks } = executor;
const task: Task<[], string> = tasks.plain;
const deferred = new Deferred<string>('click');

afterAll(() => executor.shutdown());

/** Each public object, with the summary that it prints and with its JSON. */
const printed: readonly [what: string, value: object, text: string, json: unknown][] = [
  ['an executor', executor, 'Executor { crew, open, 0 pending }', { name: 'crew', state: 'open', pending: 0 }],
  ['executor.tasks', tasks, 'Tasks { crew }', { executor: 'crew' }],
  [
    'a bound executor',
    executor.with({ priority: 1, timeout: 5 }),
    'BoundExecutor { crew, open, priority, timeout }',
    { name: 'crew', state: 'open', options: ['priority', 'timeout'] },
  ],
  ['a task', task, 'Task { plain }', { name: 'plain' }],
  ['a pipeline', pipeline(task), 'Task { plain }', { name: 'plain' }],
  [
    'a future',
    deferred.future,
    `Future { click #${deferred.future.id}, pending }`,
    { id: deferred.future.id, name: 'click', state: 'pending' },
  ],
  [
    'a Deferred',
    deferred,
    `Deferred { click #${deferred.future.id}, pending }`,
    { id: deferred.future.id, name: 'click', state: 'pending' },
  ],
  ['a stream', task.stream(), 'ResultStream { plain }', { name: 'plain' }],
  [
    'a map',
    executor.map(() => 1, [1]),
    'ResultStream { map(anonymous function) }',
    { name: 'map(anonymous function)' },
  ],
  ['asCompleted', asCompleted([]), 'ResultStream { asCompleted }', { name: 'asCompleted' }],
];

describe.each(printed)('%s', (_what, value, text, json) => {
  it('a public object prints as one line, with each way to print one', () => {
    expect(inspect(value)).toBe(text);
    expect(inspect({ value })).toBe(`{ value: ${text} }`);
    expect(`${value}`).toBe(text);
    expect(format('%s %O', value, value)).toContain(text);
    expect(JSON.parse(JSON.stringify({ value }))).toEqual({ value: json });
  });

  it('no tool that inspects a public object submits a task or sees internals', async () => {
    const before = executor.stats().submitted;
    const attempts = [
      () => inspect(value, { showProxy: true, showHidden: true, getters: true, depth: 4 }),
      () => format('%d %i %f %j %o', value, value, value, value, value),
      () => [+value, value > ({} as object), `${[value, [value]]}`],
      () => [Object.keys(value), { ...value }, Object.entries(value), Reflect.ownKeys(value)],
      () => structuredClone(value),
      () => serialize(value),
      () => assert.deepStrictEqual(value, { a: 1 }),
      () => expect(value).toEqual({ a: 1 }),
      () => expect(value).toStrictEqual(new Map()),
      () => expect({ a: 1 }).toEqual(value),
      () => expect(value).toMatchObject({ a: expect.anything() }),
      () => expect([value]).toContainEqual(3),
      () => expect(vi.fn()).toHaveBeenCalledWith(value),
    ];
    for (const attempt of attempts) {
      let text = '';
      try {
        text = inspect(attempt());
      } catch (error) {
        text = (error as Error).message;
      }
      expect(text).not.toContain('dispatcher');
    }
    expect(executor.stats().submitted).toBe(before);
  });
});

describe('executor.tasks', () => {
  it('executor.tasks has no handle for a name that tools call on any object', () => {
    const loose = tasks as unknown as Record<string, unknown>;
    const tools = ['then', 'inspect', 'asymmetricMatch', '_isMockFunction', 'getMockName'];
    const checks = ['hasAttribute', 'nodeName', 'nodeType', 'tagName', 'setHeader', 'socket'];
    const marks = ['$$typeof', '@@__IMMUTABLE_ITERABLE__@@', '__esModule', '__v_isRef'];
    for (const name of [...tools, ...checks, ...marks]) expect(loose[name], name).toBeUndefined();
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      expect(inspect(loose[name]), name).not.toContain('Task {');
    }
    expect(tasks.valueOf()).toBe(tasks);
    expect(tasks.constructor).toBe(Object);
  });

  it('executor.tasks is the same object after an await and returns the same handle each time', async () => {
    expect(await tasks).toBe(tasks);
    expect(tasks.plain).toBe(tasks.plain);
    expect('plain' in tasks).toBe(false);
  });

  it('an export with a reserved name can be submitted by its name', async () => {
    expect(await executor.submit('toString')).toBe('toString ran');
    expect(await executor.submit('toJSON')).toBe('toJSON ran');
    expect(await executor.submit('constructor')).toBe('constructor ran');
    expect(await executor.submit('inspect')).toBe('inspect ran');
    const inline = new Executor<typeof import('../../fixtures/reserved.js')>({
      tasks: fixture('reserved.js'),
      backend: inlineBackend(),
    });
    expect(await inline.submit('toString')).toBe('toString ran');
    await inline.shutdown();
  });

  it('a name that every object inherits is not a task', async () => {
    const other = new Executor({ tasks: fixture('values.js'), maxWorkers: 1 });
    for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty']) {
      await expect(other.submit(name as never)).rejects.toBeInstanceOf(TaskNotFoundError);
    }
    await other.shutdown();
  });
});

describe('a copy of a public object', () => {
  it('a copy of a public object prints without an error', () => {
    for (const original of [executor, executor.with({}), deferred, deferred.future, task.stream()]) {
      expect(inspect(Object.create(Object.getPrototypeOf(original)))).toMatch(/^\w+ \{\}$/);
    }
  });
});
