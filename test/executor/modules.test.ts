/** Task modules of all kinds. */
import { Executor } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { fixture } from '../support/open.js';

type Numbers = Record<'add' | 'double' | 'one' | 'next' | 'quadruple', (...numbers: number[]) => number>;
type TypeScriptTasks = typeof import('../fixtures/typescript/tasks.js');

describe('task modules', () => {
  it('a .ts module runs, with an enum and an import of ./x.js that stands for ./x.ts', async () => {
    await using executor = new Executor<TypeScriptTasks>({ tasks: fixture('typescript/tasks.ts'), maxWorkers: 1 });
    expect(await executor.tasks.convert(10, 'K' as never)).toBeCloseTo(283.15);
    await expect(executor.tasks.failTyped()).rejects.toThrow(new RangeError('from TypeScript'));
  });

  it("'./tasks.js' resolves to tasks.ts if only that file exists", async () => {
    await using executor = new Executor<TypeScriptTasks>({ tasks: fixture('typescript/tasks.js'), maxWorkers: 1 });
    expect(await executor.tasks.convert(10, 'C' as never)).toBe(10);
  });

  it('a .ts module runs even if its syntax is newer than Node', async () => {
    type Disposing = typeof import('../fixtures/typescript/disposing.js');
    await using executor = new Executor<Disposing>({ tasks: fixture('typescript/disposing.ts'), maxWorkers: 1 });
    expect(await executor.tasks.usesAndDisposes()).toEqual(['used', 'disposed']);
  });

  it('a task of a CommonJS module runs', async () => {
    await using executor = new Executor<Numbers>({ tasks: fixture('commonjs/named.cjs'), maxWorkers: 1 });
    expect(await executor.tasks.add(1, 2)).toBe(3);
  });

  it('a CommonJS module with computed exports runs, and its exports are listed for a wrong name', async () => {
    await using executor = new Executor<Numbers>({ tasks: fixture('commonjs/computed.cjs'), maxWorkers: 1 });
    expect(await executor.tasks.double(4)).toBe(8);
    await expect(executor.tasks.quadruple(4)).rejects.toMatchObject({
      name: 'TaskNotFoundError',
      exports: expect.arrayContaining(['double', 'triple']),
    });
  });

  it('a task of a data: URL runs', async () => {
    await using executor = new Executor<Numbers>({
      tasks: 'data:text/javascript,export const one = () => 1',
      maxWorkers: 1,
    });
    expect(await executor.tasks.one()).toBe(1);
  });

  it('a module is loaded once per worker', async () => {
    const tasks = 'data:text/javascript,let calls = 0; export const next = () => ++calls';
    await using executor = new Executor<Numbers>({ tasks, maxWorkers: 1 });
    expect(await Promise.all([1, 2, 3].map(() => executor.tasks.next()))).toEqual([1, 2, 3]);
  });
});
