import type { Readable } from 'node:stream';
import {
  type Executor,
  type Future,
  type MapOptions,
  type Outcome,
  pipeline,
  type ResultStream,
  type StreamTask,
  type Task,
} from 'rx-futures';
import { type Observable, switchMap } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import type { Page, Receipt } from './tasks.js';

declare const executor: Executor<typeof import('./tasks.js')>;
const { count, fetchPage, find, listen, parse, save } = executor.tasks;
declare const urls: string[];

interface Line {
  readonly text: string;
}

/** All kinds of results. */
declare const others: Executor<{
  watch(file: string): Observable<Line>;
  open(file: string): Promise<AsyncGenerator<Line, number>>;
  read(file: string): Readable;
  web(file: string): ReadableStream<Line>;
  all(): Line[];
  unique(): Set<Line>;
  anything(): any;
  nothing(): void;
  fail(): never;
}>;

describe('a stream', () => {
  test('of a generator gives what it yields', () => {
    expectTypeOf(count.stream(3)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(listen.stream('a')).toEqualTypeOf<ResultStream<string>>();
    expectTypeOf(others.tasks.open.stream('a')).toEqualTypeOf<ResultStream<Line>>();
  });

  test('of an Observable and of an async iterable gives what they do', () => {
    expectTypeOf(others.tasks.watch.stream('a')).toEqualTypeOf<ResultStream<Line>>();
    expectTypeOf(others.tasks.web.stream('a')).toEqualTypeOf<ResultStream<Line>>();
    expectTypeOf(others.tasks.read.stream('a')).toEqualTypeOf<ResultStream<any>>();
  });

  test('of everything else gives its one result, a collection too', () => {
    expectTypeOf(fetchPage.stream('a')).toEqualTypeOf<ResultStream<string>>();
    expectTypeOf(find.stream([])).toEqualTypeOf<ResultStream<Page | undefined>>();
    expectTypeOf(others.tasks.all.stream()).toEqualTypeOf<ResultStream<Line[]>>();
    expectTypeOf(others.tasks.unique.stream()).toEqualTypeOf<ResultStream<Set<Line>>>();
    expectTypeOf(others.tasks.nothing.stream()).toEqualTypeOf<ResultStream<void>>();
    expectTypeOf(others.tasks.anything.stream()).toEqualTypeOf<ResultStream<any>>();
    expectTypeOf(pipeline(fetchPage, parse, save).stream('a')).toEqualTypeOf<ResultStream<Receipt>>();
  });

  test('has the same type in all ways to make one', () => {
    expectTypeOf(executor.stream(count, 3)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.stream('count', 3)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.stream(parse, 'a')).toEqualTypeOf<ResultStream<Page>>();
    expectTypeOf(executor.stream('parse', 'a')).toEqualTypeOf<ResultStream<Page>>();
    expectTypeOf(executor.with({ priority: 1 }).stream('count', 3)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(count.with({ highWaterMark: 1 })).toEqualTypeOf<StreamTask<[to: number], number>>();
    expectTypeOf(
      executor.stream(function* (to: number) {
        yield String(to);
      }, 3),
    ).toEqualTypeOf<ResultStream<string>>();
    expectTypeOf(executor.stream(async (to: number) => to, 3)).toEqualTypeOf<ResultStream<number>>();
  });

  test('is an Observable, and is iterated to its values, which are not any', async () => {
    expectTypeOf(count.stream(3)).toExtend<Observable<number>>();
    for await (const value of count.stream(3)) {
      expectTypeOf(value).toEqualTypeOf<number>();
      expectTypeOf(value).not.toBeAny();
    }
    declareNothing((typed: Observable<string>) => {
      expectTypeOf(typed.pipe(switchMap((text) => parse.stream(text)))).toEqualTypeOf<Observable<Page>>();
    });
  });

  test('takes Futures in the place of arguments', () => {
    expectTypeOf(count.stream({} as Future<number>)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.stream('count', {} as Future<number>)).toEqualTypeOf<ResultStream<number>>();
  });

  test('refuses arguments of the wrong type, and names that there are not', () => {
    declareNothing(() => {
      // @ts-expect-error: a string is no number
      count.stream('3');
      // @ts-expect-error: the argument is missing
      executor.stream(count);
      // @ts-expect-error: a string is no number
      executor.stream('count', '3');
      // @ts-expect-error: the module has no such export
      executor.stream('unknown');
      // @ts-expect-error: there is no such option
      count.with({ highWatermark: 3 });
    });
  });
});

describe('a task that gives many values', () => {
  test('is no Task: it is not called, submitted, chained or mapped', () => {
    expectTypeOf(count).toEqualTypeOf<StreamTask<[to: number], number>>();
    expectTypeOf(others.tasks.watch).toEqualTypeOf<StreamTask<[file: string], Line>>();
    expectTypeOf(others.tasks.open).toEqualTypeOf<StreamTask<[file: string], Line>>();
    declareNothing(() => {
      // @ts-expect-error: a Future holds one value
      count(3);
      // @ts-expect-error: an Observable may have many
      others.tasks.watch('a');
      // @ts-expect-error: it is no Task
      executor.submit(count, 3);
      // @ts-expect-error: nor is it one to map
      executor.map(count, [1, 2]);
    });
    expectTypeOf(executor.submit('count', 3)).toBeNever();
    expectTypeOf(executor.map('count', [3])).toBeNever();
  });

  test('is told apart from one that gives a collection, any or never', () => {
    expectTypeOf(others.tasks.all).toEqualTypeOf<Task<[], Line[]>>();
    expectTypeOf(others.tasks.anything).toEqualTypeOf<Task<[], any>>();
    expectTypeOf(others.tasks.fail).toEqualTypeOf<Task<[], never>>();
    expectTypeOf(others.tasks.read).toEqualTypeOf<Task<[file: string], Readable>>();
  });
});

describe('map', () => {
  test('gives the results of the task', () => {
    expectTypeOf(executor.map(fetchPage, urls)).toEqualTypeOf<ResultStream<string>>();
    expectTypeOf(executor.map('parse', urls)).toEqualTypeOf<ResultStream<Page>>();
    expectTypeOf(executor.map((url: string) => url.length, urls)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.map(async (url: string) => url.length, urls)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.map(pipeline(fetchPage, parse, save), urls)).toEqualTypeOf<ResultStream<Receipt>>();
    expectTypeOf(executor.with({ retry: 1 }).map(parse, urls)).toEqualTypeOf<ResultStream<Page>>();
  });

  test('gives Outcomes with settle, and either where that is not known', () => {
    expectTypeOf(executor.map(parse, urls, { settle: true })).toEqualTypeOf<ResultStream<Outcome<Page>>>();
    expectTypeOf(executor.map('parse', urls, { settle: true })).toEqualTypeOf<ResultStream<Outcome<Page>>>();
    expectTypeOf(executor.map(parse, urls, { settle: false })).toEqualTypeOf<ResultStream<Page>>();
    expectTypeOf(executor.map(parse, urls, { ordered: false, concurrency: 3 })).toEqualTypeOf<ResultStream<Page>>();
    declareNothing((settle: boolean, options: MapOptions) => {
      expectTypeOf(executor.map(parse, urls, { settle })).toEqualTypeOf<ResultStream<Page | Outcome<Page>>>();
      expectTypeOf(executor.map(parse, urls, options)).toEqualTypeOf<ResultStream<Page | Outcome<Page>>>();
    });
  });

  test('takes its inputs from whatever gives them', () => {
    declareNothing(
      (set: Set<string>, later: AsyncIterable<string>, typed: Observable<string>, stream: ResultStream<string>) => {
        for (const inputs of [set, later, typed, stream])
          expectTypeOf(executor.map(fetchPage, inputs)).toEqualTypeOf<ResultStream<string>>();
        expectTypeOf(executor.map(parse, executor.map(fetchPage, urls))).toEqualTypeOf<ResultStream<Page>>();
      },
    );
  });

  test('takes inputs that are promises or Futures of what the task takes', () => {
    declareNothing((promises: Promise<string>[], mixed: (string | Future<string>)[], pages: Future<Page>[]) => {
      expectTypeOf(executor.map(fetchPage, promises)).toEqualTypeOf<ResultStream<string>>();
      expectTypeOf(executor.map('parse', mixed)).toEqualTypeOf<ResultStream<Page>>();
      expectTypeOf(executor.map(save, pages)).toEqualTypeOf<ResultStream<Receipt>>();
      expectTypeOf(executor.map((url: string) => url.length, promises)).toEqualTypeOf<ResultStream<number>>();
      // @ts-expect-error: a promise of a number is no promise of a string
      executor.map(parse, [Promise.resolve(1)]);
    });
  });

  test('refuses inputs and options of the wrong kind', () => {
    declareNothing(() => {
      // @ts-expect-error: numbers are no strings
      executor.map(parse, [1, 2]);
      // @ts-expect-error: numbers are no strings
      executor.map('parse', [1, 2]);
      // @ts-expect-error: one input is no list of inputs
      executor.map(save, {} as Page);
      // @ts-expect-error: there is no such option
      executor.map(parse, urls, { parallel: 4 });
      // @ts-expect-error: it is a number
      executor.map(parse, urls, { concurrency: '4' });
      // @ts-expect-error: the module has no such export
      executor.map('unknown', urls);
    });
  });
});

/** Type tests are never run; what only has to compile, or not to, goes in here. */
function declareNothing(_never: (...args: never[]) => unknown): void {}
