/** `inlineBackend({ module })`: the task module is the test's own import. */
import { BrokenExecutorError, Executor, TaskNotFoundError } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';

interface Tasks {
  greet(name: string): string;
  count(to: number): Generator<number>;
  start(): void;
}

afterEach(() => vi.restoreAllMocks());

const makeTasks = (): Tasks => ({
  greet: (name) => `hello ${name}`,
  *count(to) {
    for (let i = 1; i <= to; i++) yield i;
  },
  start() {},
});

const open = (module: () => object | Promise<object>, options = {}) =>
  new Executor<Tasks>({ backend: inlineBackend({ module }), ...options });

describe('inlineBackend({ module })', () => {
  it('the option `module` runs the functions of the module without the option "tasks"', async () => {
    await using executor = open(async () => makeTasks());
    expect(await executor.tasks.greet('me')).toBe('hello me');
    expect(await executor.submit('greet', 'you')).toBe('hello you');
    const values: number[] = [];
    for await (const value of executor.tasks.count.stream(3)) values.push(value);
    expect(values).toEqual([1, 2, 3]);
  });

  it('the module of the backend replaces the module that the option "tasks" names', async () => {
    await using executor = open(makeTasks, { tasks: new URL('./no-such-file.js', import.meta.url) });
    expect(await executor.tasks.greet('me')).toBe('hello me');
  });

  it('a task calls a spy that replaces an export, and the original after it was restored', async () => {
    const tasks = makeTasks();
    await using executor = open(() => tasks);
    expect(await executor.tasks.greet('me')).toBe('hello me');
    const spy = vi.spyOn(tasks, 'greet').mockReturnValue('spied');
    expect(await executor.tasks.greet('me')).toBe('spied');
    expect(spy).toHaveBeenCalledExactlyOnceWith('me');
    spy.mockRestore();
    expect(await executor.tasks.greet('me')).toBe('hello me');
  });

  it('a task calls a spy on a CommonJS module of which a compiler has copied the exports', async () => {
    const exported = makeTasks();
    const copy = { ...exported, default: exported };
    await using executor = open(() => copy);
    vi.spyOn(exported, 'greet').mockReturnValue('spied');
    expect(await executor.tasks.greet('me')).toBe('spied');
  });

  it('no export is read that a mocked module does not have', async () => {
    const throwing = new Proxy(makeTasks(), {
      get: (target, name) => {
        if (name in target || name === 'then' || typeof name === 'symbol') return Reflect.get(target, name);
        throw new Error(`no "${String(name)}" in the mock`);
      },
    });
    await using executor = open(() => throwing);
    expect(await executor.tasks.greet('me')).toBe('hello me');
  });

  it('the initializer of the module runs', async () => {
    const tasks = makeTasks();
    const start = vi.spyOn(tasks, 'start');
    await using executor = open(() => tasks, { initializer: 'start', maxWorkers: 1 });
    await executor.ready();
    expect(start).toHaveBeenCalledOnce();
  });
});

describe('errors of inlineBackend({ module })', () => {
  it('a module that can’t be loaded breaks the executor, as on a thread', async () => {
    const cause = new Error('no such module');
    const executor = open(() => Promise.reject(cause));
    const error = await executor.ready().catch((reason) => reason);
    expect(error).toBeInstanceOf(BrokenExecutorError);
    expect(error.message).toMatch(/^Task module "inlineBackend\(\{ module \}\)" could not be loaded: .*no such module/);
    expect(executor.state).toBe('broken');
  });

  it('a result that is not a module breaks the executor, and the error names the option', async () => {
    const executor = open(() => undefined as never);
    await expect(executor.ready()).rejects.toThrow(
      'inlineBackend(): option "module": expected a function that returns a module, got undefined. Pass it as () => import(\'./tasks.js\').',
    );
  });

  it('a missing export rejects with a TaskNotFoundError that lists the exports', async () => {
    await using executor = open(makeTasks);
    const error = await executor.submit('gret' as 'greet', 'me').catch((reason) => reason);
    expect(error).toBeInstanceOf(TaskNotFoundError);
    expect(error).toMatchObject({ task: 'gret', exports: ['count', 'greet', 'start'] });
  });

  it('a wrong option is a TypeError at the call', () => {
    expect(() => inlineBackend({ module: './tasks.js' as never })).toThrow(
      'inlineBackend(): option "module": expected a function, got',
    );
    expect(() => inlineBackend({ tasks: 1 } as never)).toThrow(
      'inlineBackend(): unknown option "tasks". Use one of: module.',
    );
  });
});
