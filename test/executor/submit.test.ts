import { threadId } from 'node:worker_threads';
import { chain, Executor, type Future, pipeline } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { fixture, open } from '../support/open.js';

describe('submit(function)', () => {
  it('runs it on a worker, with its arguments', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    expect(await executor.submit((a: number, b: number) => a + b, 2, 3)).toBe(5);
    expect(
      await executor.submit(function named(text: string) {
        return text.toUpperCase();
      }, 'loud'),
    ).toBe('LOUD');
  });

  it('async functions, default parameters, rest parameters, destructuring and inner functions work', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    expect(await executor.submit(async (n: number) => (await Promise.resolve(n)) + 1, 1)).toBe(2);
    expect(await executor.submit((n = 7) => n)).toBe(7);
    expect(await executor.submit((...all: number[]) => all.length, 1, 2, 3)).toBe(3);
    expect(await executor.submit(({ a, b: [c] }: { a: number; b: number[] }) => a + (c ?? 0), { a: 1, b: [2] })).toBe(
      3,
    );
    expect(
      await executor.submit((n: number) => {
        const square = (x: number) => x * x;
        class Box {
          constructor(readonly value: number) {}
        }
        return new Box(square(n)).value;
      }, 5),
    ).toBe(25);
  });

  it('methods of objects work, async and computed ones too', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    const object = {
      method(n: number) {
        return n + 1;
      },
      async later(n: number) {
        return n + 2;
      },
      ['with space'](n: number) {
        return n + 3;
      },
    };
    const futures = [
      executor.submit(object.method, 1),
      executor.submit(object.later, 1),
      executor.submit(object['with space'], 1),
    ];
    expect(await Promise.all(futures)).toEqual([2, 3, 4]);
  });

  it('is strict, with nothing for `this`, as in the module that it comes from', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    // Made at run time: the text of a test file is strict by itself.
    const sloppy = (text: string) => new Function(`return ${text}`)() as () => unknown;
    expect(await executor.submit(sloppy('function () { return typeof this; }'))).toBe('undefined');
    expect(await executor.submit(sloppy('() => typeof this'))).toBe('undefined');
    const misspelt = executor.submit(sloppy('() => { misspelt = 5; }'));
    await expect(misspelt).rejects.toThrow(/^misspelt is not defined on the worker.* Pass misspelt as an argument/);
    expect(await executor.submit(sloppy('() => typeof misspelt'))).toBe('undefined');
  });

  it.each<[string, string]>([
    ['function old() { with ({ a: 1 }) return a; }', 'with'],
    ['function old(a, a) { return a; }', 'parameter'],
    ['function old() { return 010; }', '[Oo]ctal'],
  ])('%s is refused at once, since it is sloppy code', async (text, what) => {
    await using executor = new Executor({ maxWorkers: 1 });
    const call = () => executor.submit(new Function(`return ${text}`)());
    expect(call).toThrow(TypeError);
    expect(call).toThrow(new RegExp(`^submit\\(fn\\): "old" is not valid in strict mode, .*: .*${what}`));
  });

  it('an error in it tells the line and the column in its text', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    const fn = new Function('return (x) =>\n  x.missing.gone')() as (x: object) => unknown;
    const error = (await executor.submit(fn, {}).catch((error: unknown) => error)) as Error;
    // V8 names the place of the property.
    expect(error.stack).toMatch(/<anonymous>:2:13\)/);
  });

  it('may import() what Node has', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    const importing = new Function(`return async () => (await import('node:path')).sep`)() as () => Promise<string>;
    expect(await executor.submit(importing)).toMatch(/[/\\\\]/);
  });

  it('sees the globals of its worker', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    expect(await executor.submit(() => [typeof structuredClone, typeof process, typeof URL])).toEqual([
      'function',
      'object',
      'function',
    ]);
  });

  it('a variable from around it is named in the error, which says to pass it', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    const secret = Math.random();
    const failures = [
      executor.submit(() => secret),
      executor.submit(async () => {
        await null;
        return secret;
      }),
    ];
    for (const future of failures) {
      const error = (await future.catch((error: unknown) => error)) as Error;
      expect(error).toBeInstanceOf(ReferenceError);
      expect(error.message).toMatch(/secret is not defined/);
      expect(error.message).toMatch(/[Pp]ass secret as an argument/);
    }
  });

  it.each<[string, (...args: any[]) => unknown, RegExp]>([
    ['a built-in function', Math.max, /"max" is a built-in or bound function/],
    ['a bound function', ((n: number) => n).bind(null), /built-in or bound function/],
    ['a class', class Page {} as never, /"Page" is a class/],
  ])('%s is refused at once', async (_, fn, message) => {
    await using executor = new Executor({ maxWorkers: 1 });
    expect(() => executor.submit(fn, 1)).toThrow(TypeError);
    expect(() => executor.submit(fn, 1)).toThrow(message);
  });

  it('a function that uses an import is refused at once where a test runner has rewritten it', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    expect(() => executor.submit(() => threadId)).toThrow(/import/);
  });

  it('works beside a task module', async () => {
    await using executor = open('gates.js');
    const future = executor.submit((n: number) => n * 10, executor.tasks.add(1, 1)).pipe(chain(executor.tasks.double));
    expect(await future).toBe(40);
  });

  it.each([[undefined], [null], [4], [{}], [Symbol('task')]])('%s is no task', async (task) => {
    await using executor = open('gates.js');
    expect(() => executor.submit(task as never)).toThrow(/expected a task, the name of an export or a function/);
  });
});

describe('submit(name)', () => {
  it('runs the export of that name', async () => {
    await using executor = open('gates.js');
    const future: Future<number> = executor.submit('add', 2, 3);
    expect(future.name).toBe('add');
    expect(await future).toBe(5);
  });

  it('without a task module it is refused at once, saying how to name one', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    expect(() => executor.submit('add' as never)).toThrow(/add.*tasks:/);
  });
});

describe('submit(task)', () => {
  it('runs the task', async () => {
    await using executor = open('gates.js');
    expect(await executor.submit(executor.tasks.add, 2, 3)).toBe(5);
    expect(await executor.submit(pipeline(executor.tasks.add, executor.tasks.double), 2, 3)).toBe(10);
  });

  it("another executor's task is refused at once, naming both executors", async () => {
    await using mine = open('gates.js', { name: 'mine' });
    await using other = open('gates.js', { name: 'other' });
    expect(() => mine.submit(other.tasks.add, 1, 1)).toThrow(/add.*other.*mine/);
  });
});

describe('tasks', () => {
  it('can be destructured, and gives the same handle each time', async () => {
    await using executor = open('gates.js');
    const { add, double } = executor.tasks;
    expect(executor.tasks.add).toBe(add);
    expect([add.name, double.name]).toEqual(['add', 'double']);
    expect(await add(1, double(2))).toBe(5);
  });

  it('see nothing as `this`, as any step', async () => {
    await using executor = open('values.js', { maxWorkers: 1 });
    const { echo, echoLater, typeOfThis } = executor.tasks;
    const futures = [typeOfThis(), pipeline(echo, typeOfThis)(1), pipeline(echoLater, typeOfThis)(1)];
    expect(await Promise.all(futures)).toEqual(Array(3).fill('undefined'));
  });

  it('is harmless to await, to print and to compare', async () => {
    await using executor = open('gates.js');
    const tasks = await Promise.resolve(executor.tasks);
    expect(tasks).toBe(executor.tasks);
    expect(() => String(Object.prototype.toString.call(tasks))).not.toThrow();
    expect(Object.keys(tasks)).toEqual([]);
  });

  it('a name that the module does not export gives a future that is rejected, not a throw', async () => {
    await using executor = new Executor<{ dobule(n: number): number }>({ tasks: fixture('gates.js') });
    await expect(executor.tasks.dobule(1)).rejects.toMatchObject({ name: 'TaskNotFoundError', task: 'dobule' });
  });

  it.each(['toString', 'constructor', 'hasOwnProperty'])(
    '%s is no export of a module that has none of that name',
    async (name) => {
      await using executor = open('gates.js');
      await expect(executor.submit(name as 'double', 1)).rejects.toMatchObject({
        name: 'TaskNotFoundError',
        task: name,
      });
    },
  );
});
