import {
  type BoundExecutor,
  Executor,
  type Future,
  type StreamTask,
  type Task,
  type TaskName,
  TimeoutError,
} from 'rx-futures';
import type { CurrentTask } from 'rx-futures/worker';
import { describe, expectTypeOf, test } from 'vitest';
import type { Page, Receipt } from './tasks.js';

type Module = typeof import('./tasks.js');
declare const executor: Executor<Module>;
const { tasks } = executor;
const { fetchPage, parse, save } = tasks;

describe('the handles of a module', () => {
  test('handles are Tasks with the arguments of the functions and their awaited results', () => {
    expectTypeOf(fetchPage).toEqualTypeOf<Task<[url: string], string>>();
    expectTypeOf(parse).toEqualTypeOf<Task<[html: string], Page>>();
    expectTypeOf(save).toEqualTypeOf<Task<[page: Page], Receipt>>();
    expectTypeOf(tasks.find).toEqualTypeOf<Task<[pages: readonly Page[], title?: string], Page | undefined>>();
  });

  test('a called handle returns a Future, and never any', () => {
    expectTypeOf(fetchPage('a')).toEqualTypeOf<Future<string>>();
    expectTypeOf(parse('a')).toEqualTypeOf<Future<Page>>();
    expectTypeOf(save({ url: 'a', title: 'A' })).toEqualTypeOf<Future<Receipt>>();
    expectTypeOf(tasks.find([])).toEqualTypeOf<Future<Page | undefined>>();
    expectTypeOf<Awaited<ReturnType<typeof parse>>>().toEqualTypeOf<Page>();
    expectTypeOf<Awaited<ReturnType<typeof parse>>>().not.toBeAny();
  });

  test('handles accept Futures instead of arguments', () => {
    expectTypeOf(parse(fetchPage('a'))).toEqualTypeOf<Future<Page>>();
    expectTypeOf(save(parse(fetchPage('a')))).toEqualTypeOf<Future<Receipt>>();
    declareNothing((pages: Future<Page[]>, title: Future<string>) => tasks.find(pages, title));
  });

  test('handles refuse arguments of the wrong type, and too few or too many', () => {
    declareNothing(() => {
      // @ts-expect-error: a number is not a string
      parse(5);
      // @ts-expect-error: a Future of a number is not a Future of a string
      parse(save({ url: 'a', title: 'A' }));
      // @ts-expect-error: the page is missing
      save();
      // @ts-expect-error: parse has one parameter
      parse('a', 'b');
      // @ts-expect-error: a property is missing
      save({ url: 'a' });
      // @ts-expect-error: a promise is not awaited, only a Future is
      parse(Promise.resolve('a'));
    });
  });

  test("generators become StreamTasks, which can't be called", () => {
    expectTypeOf(tasks.count).toExtend<StreamTask<[to: number], number>>();
    expectTypeOf(tasks.listen).toExtend<StreamTask<[topic: string], string>>();
    declareNothing(() => {
      // @ts-expect-error: a generator yields many values, and a Future has one
      tasks.count(3);
      // @ts-expect-error: an async generator yields many values too
      tasks.listen('a');
    });
  });

  test('only functions become handles', () => {
    expectTypeOf<TaskName<Module>>().toEqualTypeOf<'fetchPage' | 'parse' | 'save' | 'count' | 'listen' | 'find'>();
    // @ts-expect-error: the module has no such export
    tasks.unknown;
    // @ts-expect-error: the export is a string
    tasks.version;
    // @ts-expect-error: an executor without a module has no tasks
    new Executor().tasks.parse;
  });

  test('names that JavaScript and tools call on any object are not handles, and are submitted by name', () => {
    type Reserved = typeof import('../fixtures/reserved.js');
    const reserved = {} as Executor<Reserved>;
    expectTypeOf<keyof typeof reserved.tasks>().toEqualTypeOf<'plain'>();
    expectTypeOf(reserved.tasks.toString()).toEqualTypeOf<string>();
    expectTypeOf(reserved.submit('toString')).toEqualTypeOf<Future<string>>();
    expectTypeOf(reserved.submit('inspect')).toEqualTypeOf<Future<string>>();
    expectTypeOf<Awaited<typeof tasks>>().toEqualTypeOf<typeof tasks>();
    // @ts-expect-error: JSON.stringify calls a method of this name
    reserved.tasks.toJSON;
  });

  test('handles keep their type with options', () => {
    expectTypeOf(parse.with({ priority: 1 })).toEqualTypeOf<Task<[html: string], Page>>();
    expectTypeOf(parse.name).toBeString();
    // @ts-expect-error: the option does not exist
    declareNothing(() => parse.with({ prio: 1 }));
  });
});

describe('executor.broadcast', () => {
  test('broadcast returns a Future of all results, for a handle, a name and a function', () => {
    expectTypeOf(executor.broadcast(parse, 'a')).toEqualTypeOf<Future<Page[]>>();
    expectTypeOf(executor.broadcast('save', parse('a'))).toEqualTypeOf<Future<Receipt[]>>();
    expectTypeOf(executor.broadcast(async (a: number) => a, 1)).toEqualTypeOf<Future<number[]>>();
    expectTypeOf(executor.broadcast(parse, 'a')).not.toBeAny();
    declareNothing(() => {
      // @ts-expect-error: a number is not a string
      executor.broadcast(parse, 5);
      // @ts-expect-error: the module has no such export
      executor.broadcast('unknown');
      // @ts-expect-error: a generator has no single result
      executor.broadcast(tasks.count, 5);
    });
  });
});

describe('executor.submit', () => {
  test('submit of a handle returns what calling it returns', () => {
    expectTypeOf(executor.submit(parse, 'a')).toEqualTypeOf<Future<Page>>();
    expectTypeOf(executor.submit(parse, fetchPage('a'))).toEqualTypeOf<Future<Page>>();
    // @ts-expect-error: a number is not a string
    declareNothing(() => executor.submit(parse, 5));
    // @ts-expect-error: the argument is missing
    declareNothing(() => executor.submit(parse));
  });

  test("submit of a name returns a Future of that export's result", () => {
    expectTypeOf(executor.submit('fetchPage', 'a')).toEqualTypeOf<Future<string>>();
    expectTypeOf(executor.submit('save', parse('a'))).toEqualTypeOf<Future<Receipt>>();
    declareNothing(() => {
      // @ts-expect-error: the module has no such export
      executor.submit('unknown');
      // @ts-expect-error: the export is a string
      executor.submit('version');
      // @ts-expect-error: a number is not a string
      executor.submit('parse', 5);
      // @ts-expect-error: an executor without a module has no names
      new Executor().submit('parse', 'a');
    });
  });

  test('submit of a function returns a Future of its awaited result', () => {
    const anyExecutor = {} as Executor;
    expectTypeOf(anyExecutor.submit(() => 1)).toEqualTypeOf<Future<number>>();
    expectTypeOf(anyExecutor.submit(async () => 'a')).toEqualTypeOf<Future<string>>();
    expectTypeOf(anyExecutor.submit((a: number, b: number) => a + b, 1, 2)).toEqualTypeOf<Future<number>>();
    expectTypeOf(anyExecutor.submit((s: string) => s.length, fetchPage('a'))).toEqualTypeOf<Future<number>>();
    // @ts-expect-error: a string is not a number
    declareNothing(() => anyExecutor.submit((n: number) => n, 'a'));
    // @ts-expect-error: the argument is missing
    declareNothing(() => anyExecutor.submit((n: number) => n));
  });

  test('submit infers the parameters of a function from the arguments', () => {
    expectTypeOf(({} as Executor).submit((a, b) => a + b, 1, 2)).toEqualTypeOf<Future<number>>();
    expectTypeOf(executor.submit((a, b) => [a, b] as const, 1, 'x')).toEqualTypeOf<Future<readonly [number, string]>>();
  });
});

describe('executor.with', () => {
  test('executor.with returns the same methods', () => {
    const urgent = executor.with({ priority: 1 });
    expectTypeOf(urgent).toEqualTypeOf<BoundExecutor<Module>>();
    expectTypeOf(urgent.submit('parse', 'a')).toEqualTypeOf<Future<Page>>();
    expectTypeOf(urgent.tasks.parse('a')).toEqualTypeOf<Future<Page>>();
    expectTypeOf(urgent.with({ priority: 2 })).toEqualTypeOf<BoundExecutor<Module>>();
  });
});

describe('an Executor', () => {
  test('an Executor is disposable, and refuses unknown options', () => {
    expectTypeOf(executor).toExtend<AsyncDisposable>();
    declareNothing(async () => {
      await using own = new Executor<Module>({ tasks: new URL('./tasks.js', import.meta.url) });
      return own;
    });
    // @ts-expect-error: the option does not exist
    declareNothing(() => new Executor({ workers: 4 }));
    // @ts-expect-error: the option is a number
    declareNothing(() => new Executor({ maxWorkers: '4' }));
  });
});

/** For code that only has to compile, or to be refused. Type tests are never run. */
function declareNothing(_never: (...args: never[]) => unknown): void {}

describe('limits and context', () => {
  test('a task has a deadline and a context, and an executor a function that returns the context', () => {
    declareNothing(() => {
      executor.with({ deadline: 500, context: { request: 7 } });
      new Executor({ context: () => ({ request: 7 }) });
      // @ts-expect-error: a deadline is a number of ms
      executor.with({ deadline: '1s' });
      // @ts-expect-error: the context of an executor is a function
      new Executor({ context: { request: 7 } });
    });
  });

  test('shutdown() accepts a timeout in ms, and nothing else', () => {
    expectTypeOf(executor.shutdown)
      .parameter(0)
      .toEqualTypeOf<{ cancelPending?: boolean; timeout?: number } | undefined>();
    // @ts-expect-error: a timeout is a number of ms
    declareNothing(() => executor.shutdown({ timeout: '1s' }));
  });

  test('the phase of a TimeoutError is one of two words, and the context of a task is unknown', () => {
    expectTypeOf<TimeoutError['phase']>().toEqualTypeOf<'waiting' | 'running'>();
    expectTypeOf<CurrentTask['context']>().toBeUnknown();
    declareNothing(() => {
      new TimeoutError('late', { phase: 'waiting', cause: 1 });
      // @ts-expect-error: there is no such phase
      new TimeoutError('late', { phase: 'done' });
    });
  });
});
