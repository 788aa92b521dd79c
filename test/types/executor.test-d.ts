import { type BoundExecutor, Executor, type Future, type StreamTask, type Task, type TaskName } from 'rx-futures';
import { describe, expectTypeOf, test } from 'vitest';
import type { Page, Receipt } from './tasks.js';

type Module = typeof import('./tasks.js');
declare const executor: Executor<Module>;
const { tasks } = executor;
const { fetchPage, parse, save } = tasks;

describe('the handles of a module', () => {
  test('are Tasks with the arguments of the functions and what they give, promises waited for', () => {
    expectTypeOf(fetchPage).toEqualTypeOf<Task<[url: string], string>>();
    expectTypeOf(parse).toEqualTypeOf<Task<[html: string], Page>>();
    expectTypeOf(save).toEqualTypeOf<Task<[page: Page], Receipt>>();
    expectTypeOf(tasks.find).toEqualTypeOf<Task<[pages: readonly Page[], title?: string], Page | undefined>>();
  });

  test('are Futures when they are called, and never any', () => {
    expectTypeOf(fetchPage('a')).toEqualTypeOf<Future<string>>();
    expectTypeOf(parse('a')).toEqualTypeOf<Future<Page>>();
    expectTypeOf(save({ url: 'a', title: 'A' })).toEqualTypeOf<Future<Receipt>>();
    expectTypeOf(tasks.find([])).toEqualTypeOf<Future<Page | undefined>>();
    expectTypeOf<Awaited<ReturnType<typeof parse>>>().toEqualTypeOf<Page>();
    expectTypeOf<Awaited<ReturnType<typeof parse>>>().not.toBeAny();
  });

  test('take Futures in the place of arguments', () => {
    expectTypeOf(parse(fetchPage('a'))).toEqualTypeOf<Future<Page>>();
    expectTypeOf(save(parse(fetchPage('a')))).toEqualTypeOf<Future<Receipt>>();
    declareNothing((pages: Future<Page[]>, title: Future<string>) => tasks.find(pages, title));
  });

  test('refuse arguments of the wrong type, and too few or too many', () => {
    declareNothing(() => {
      // @ts-expect-error: a number is no string
      parse(5);
      // @ts-expect-error: a Future of a number is no Future of a string
      parse(save({ url: 'a', title: 'A' }));
      // @ts-expect-error: the page is missing
      save();
      // @ts-expect-error: there is one argument
      parse('a', 'b');
      // @ts-expect-error: a property is missing
      save({ url: 'a' });
      // @ts-expect-error: a promise is not waited for, a Future is
      parse(Promise.resolve('a'));
    });
  });

  test('are StreamTasks for generators, which can’t be called', () => {
    expectTypeOf(tasks.count).toExtend<StreamTask<[to: number], number>>();
    expectTypeOf(tasks.listen).toExtend<StreamTask<[topic: string], string>>();
    declareNothing(() => {
      // @ts-expect-error: it yields many values, and a Future has one
      tasks.count(3);
      // @ts-expect-error: so does an async one
      tasks.listen('a');
    });
  });

  test('are there for functions alone', () => {
    expectTypeOf<TaskName<Module>>().toEqualTypeOf<'fetchPage' | 'parse' | 'save' | 'count' | 'listen' | 'find'>();
    // @ts-expect-error: the module has no such export
    tasks.unknown;
    // @ts-expect-error: it is a string
    tasks.version;
    // @ts-expect-error: an executor without a module has no tasks
    new Executor().tasks.parse;
  });

  test('leave out the names that JavaScript and tools call on any object, which are submitted by name', () => {
    type Reserved = typeof import('../fixtures/reserved.js');
    const reserved = {} as Executor<Reserved>;
    expectTypeOf<keyof typeof reserved.tasks>().toEqualTypeOf<'plain'>();
    expectTypeOf(reserved.tasks.toString()).toEqualTypeOf<string>();
    expectTypeOf(reserved.submit('toString')).toEqualTypeOf<Future<string>>();
    expectTypeOf(reserved.submit('inspect')).toEqualTypeOf<Future<string>>();
    expectTypeOf<Awaited<typeof tasks>>().toEqualTypeOf<typeof tasks>();
    // @ts-expect-error: JSON.stringify calls it
    reserved.tasks.toJSON;
  });

  test('keep their type with options', () => {
    expectTypeOf(parse.with({ priority: 1 })).toEqualTypeOf<Task<[html: string], Page>>();
    expectTypeOf(parse.name).toBeString();
    // @ts-expect-error: there is no such option
    declareNothing(() => parse.with({ prio: 1 }));
  });
});

describe('executor.submit', () => {
  test('of a handle gives what calling it gives', () => {
    expectTypeOf(executor.submit(parse, 'a')).toEqualTypeOf<Future<Page>>();
    expectTypeOf(executor.submit(parse, fetchPage('a'))).toEqualTypeOf<Future<Page>>();
    // @ts-expect-error: a number is no string
    declareNothing(() => executor.submit(parse, 5));
    // @ts-expect-error: the argument is missing
    declareNothing(() => executor.submit(parse));
  });

  test('of a name gives what that export gives', () => {
    expectTypeOf(executor.submit('fetchPage', 'a')).toEqualTypeOf<Future<string>>();
    expectTypeOf(executor.submit('save', parse('a'))).toEqualTypeOf<Future<Receipt>>();
    declareNothing(() => {
      // @ts-expect-error: the module has no such export
      executor.submit('unknown');
      // @ts-expect-error: it is a string
      executor.submit('version');
      // @ts-expect-error: a number is no string
      executor.submit('parse', 5);
      // @ts-expect-error: an executor without a module knows no names
      new Executor().submit('parse', 'a');
    });
  });

  test('of a function gives what that gives, promises waited for', () => {
    const anyExecutor = {} as Executor;
    expectTypeOf(anyExecutor.submit(() => 1)).toEqualTypeOf<Future<number>>();
    expectTypeOf(anyExecutor.submit(async () => 'a')).toEqualTypeOf<Future<string>>();
    expectTypeOf(anyExecutor.submit((a: number, b: number) => a + b, 1, 2)).toEqualTypeOf<Future<number>>();
    expectTypeOf(anyExecutor.submit((s: string) => s.length, fetchPage('a'))).toEqualTypeOf<Future<number>>();
    // @ts-expect-error: a string is no number
    declareNothing(() => anyExecutor.submit((n: number) => n, 'a'));
    // @ts-expect-error: the argument is missing
    declareNothing(() => anyExecutor.submit((n: number) => n));
  });

  test('of a function infers its parameters from the arguments', () => {
    expectTypeOf(({} as Executor).submit((a, b) => a + b, 1, 2)).toEqualTypeOf<Future<number>>();
    expectTypeOf(executor.submit((a, b) => [a, b] as const, 1, 'x')).toEqualTypeOf<Future<readonly [number, string]>>();
  });
});

describe('executor.with', () => {
  test('gives the same ways in', () => {
    const urgent = executor.with({ priority: 1 });
    expectTypeOf(urgent).toEqualTypeOf<BoundExecutor<Module>>();
    expectTypeOf(urgent.submit('parse', 'a')).toEqualTypeOf<Future<Page>>();
    expectTypeOf(urgent.tasks.parse('a')).toEqualTypeOf<Future<Page>>();
    expectTypeOf(urgent.with({ priority: 2 })).toEqualTypeOf<BoundExecutor<Module>>();
  });
});

describe('an Executor', () => {
  test('is disposable, and refuses unknown options', () => {
    expectTypeOf(executor).toExtend<AsyncDisposable>();
    declareNothing(async () => {
      await using own = new Executor<Module>({ tasks: new URL('./tasks.js', import.meta.url) });
      return own;
    });
    // @ts-expect-error: there is no such option
    declareNothing(() => new Executor({ workers: 4 }));
    // @ts-expect-error: it is a number
    declareNothing(() => new Executor({ maxWorkers: '4' }));
  });
});

/** Type tests are never run; what only has to compile, or not to, goes in here. */
function declareNothing(_never: (...args: never[]) => unknown): void {}
