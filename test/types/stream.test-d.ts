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

/** Tasks with all kinds of results. */
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
  test('a stream of a generator emits what it yields', () => {
    expectTypeOf(count.stream(3)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(listen.stream('a')).toEqualTypeOf<ResultStream<string>>();
    expectTypeOf(others.tasks.open.stream('a')).toEqualTypeOf<ResultStream<Line>>();
  });

  test('a stream of an Observable or an async iterable emits its values', () => {
    expectTypeOf(others.tasks.watch.stream('a')).toEqualTypeOf<ResultStream<Line>>();
    expectTypeOf(others.tasks.web.stream('a')).toEqualTypeOf<ResultStream<Line>>();
    expectTypeOf(others.tasks.read.stream('a')).toEqualTypeOf<ResultStream<any>>();
  });

  test('a stream of any other task emits its one result, even if that is a collection', () => {
    expectTypeOf(fetchPage.stream('a')).toEqualTypeOf<ResultStream<string>>();
    expectTypeOf(find.stream([])).toEqualTypeOf<ResultStream<Page | undefined>>();
    expectTypeOf(others.tasks.all.stream()).toEqualTypeOf<ResultStream<Line[]>>();
    expectTypeOf(others.tasks.unique.stream()).toEqualTypeOf<ResultStream<Set<Line>>>();
    expectTypeOf(others.tasks.nothing.stream()).toEqualTypeOf<ResultStream<void>>();
    expectTypeOf(others.tasks.anything.stream()).toEqualTypeOf<ResultStream<any>>();
    expectTypeOf(pipeline(fetchPage, parse, save).stream('a')).toEqualTypeOf<ResultStream<Receipt>>();
  });

  test('a stream has the same type in all ways to create one', () => {
    expectTypeOf(executor.stream(count, 3)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.stream('count', 3)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.stream(parse, 'a')).toEqualTypeOf<ResultStream<Page>>();
    expectTypeOf(executor.stream('parse', 'a')).toEqualTypeOf<ResultStream<Page>>();
    expectTypeOf(executor.with({ priority: 1 }).stream('count', 3)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(count.with({ highWaterMark: { values: 1, bytes: 2 } })).toEqualTypeOf<
      StreamTask<[to: number], number>
    >();
    expectTypeOf(count.with({ highWaterMark: 1 })).toEqualTypeOf<StreamTask<[to: number], number>>();
    expectTypeOf(
      executor.stream(function* (to: number) {
        yield String(to);
      }, 3),
    ).toEqualTypeOf<ResultStream<string>>();
    expectTypeOf(executor.stream(async (to: number) => to, 3)).toEqualTypeOf<ResultStream<number>>();
  });

  test('a stream is an Observable, and is iterated to its values, which are not any', async () => {
    expectTypeOf(count.stream(3)).toExtend<Observable<number>>();
    for await (const value of count.stream(3)) {
      expectTypeOf(value).toEqualTypeOf<number>();
      expectTypeOf(value).not.toBeAny();
    }
    declareNothing((typed: Observable<string>) => {
      expectTypeOf(typed.pipe(switchMap((text) => parse.stream(text)))).toEqualTypeOf<Observable<Page>>();
    });
  });

  test('a stream accepts Futures instead of arguments', () => {
    expectTypeOf(count.stream({} as Future<number>)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.stream('count', {} as Future<number>)).toEqualTypeOf<ResultStream<number>>();
  });

  test('a stream refuses arguments of the wrong type, and unknown names', () => {
    declareNothing(() => {
      // @ts-expect-error: a string is not a number
      count.stream('3');
      // @ts-expect-error: the argument is missing
      executor.stream(count);
      // @ts-expect-error: a string is not a number
      executor.stream('count', '3');
      // @ts-expect-error: the module has no such export
      executor.stream('unknown');
      // @ts-expect-error: the option does not exist
      count.with({ highWatermark: 3 });
    });
  });
});

describe('a task that yields many values', () => {
  test('a StreamTask is not a Task, so it is not called, submitted, chained or mapped', () => {
    expectTypeOf(count).toEqualTypeOf<StreamTask<[to: number], number>>();
    expectTypeOf(others.tasks.watch).toEqualTypeOf<StreamTask<[file: string], Line>>();
    expectTypeOf(others.tasks.open).toEqualTypeOf<StreamTask<[file: string], Line>>();
    declareNothing(() => {
      // @ts-expect-error: a Future holds one value
      count(3);
      // @ts-expect-error: an Observable may emit many values
      others.tasks.watch('a');
      // @ts-expect-error: a StreamTask is not a Task
      executor.submit(count, 3);
      // @ts-expect-error: map needs a Task too
      executor.map(count, [1, 2]);
    });
    expectTypeOf(executor.submit('count', 3)).toBeNever();
    expectTypeOf(executor.map('count', [3])).toBeNever();
  });

  test('a StreamTask differs from a task that returns a collection, any or never', () => {
    expectTypeOf(others.tasks.all).toEqualTypeOf<Task<[], Line[]>>();
    expectTypeOf(others.tasks.anything).toEqualTypeOf<Task<[], any>>();
    expectTypeOf(others.tasks.fail).toEqualTypeOf<Task<[], never>>();
    expectTypeOf(others.tasks.read).toEqualTypeOf<Task<[file: string], Readable>>();
  });
});

describe('map', () => {
  test('map emits the results of the task', () => {
    expectTypeOf(executor.map(fetchPage, urls)).toEqualTypeOf<ResultStream<string>>();
    expectTypeOf(executor.map('parse', urls)).toEqualTypeOf<ResultStream<Page>>();
    expectTypeOf(executor.map((url: string) => url.length, urls)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.map(async (url: string) => url.length, urls)).toEqualTypeOf<ResultStream<number>>();
    expectTypeOf(executor.map(pipeline(fetchPage, parse, save), urls)).toEqualTypeOf<ResultStream<Receipt>>();
    expectTypeOf(executor.with({ retry: 1 }).map(parse, urls)).toEqualTypeOf<ResultStream<Page>>();
  });

  test('map emits Outcomes with settle, and either type if settle is not known', () => {
    expectTypeOf(executor.map(parse, urls, { settle: true })).toEqualTypeOf<ResultStream<Outcome<Page>>>();
    expectTypeOf(executor.map('parse', urls, { settle: true })).toEqualTypeOf<ResultStream<Outcome<Page>>>();
    expectTypeOf(executor.map(parse, urls, { settle: false })).toEqualTypeOf<ResultStream<Page>>();
    expectTypeOf(executor.map(parse, urls, { ordered: false, concurrency: 3 })).toEqualTypeOf<ResultStream<Page>>();
    declareNothing((settle: boolean, options: MapOptions) => {
      expectTypeOf(executor.map(parse, urls, { settle })).toEqualTypeOf<ResultStream<Page | Outcome<Page>>>();
      expectTypeOf(executor.map(parse, urls, options)).toEqualTypeOf<ResultStream<Page | Outcome<Page>>>();
    });
  });

  test('map accepts inputs of every kind', () => {
    declareNothing(
      (set: Set<string>, later: AsyncIterable<string>, typed: Observable<string>, stream: ResultStream<string>) => {
        for (const inputs of [set, later, typed, stream])
          expectTypeOf(executor.map(fetchPage, inputs)).toEqualTypeOf<ResultStream<string>>();
        expectTypeOf(executor.map(parse, executor.map(fetchPage, urls))).toEqualTypeOf<ResultStream<Page>>();
      },
    );
  });

  test("map accepts inputs that are promises or Futures of the task's argument", () => {
    declareNothing((promises: Promise<string>[], mixed: (string | Future<string>)[], pages: Future<Page>[]) => {
      expectTypeOf(executor.map(fetchPage, promises)).toEqualTypeOf<ResultStream<string>>();
      expectTypeOf(executor.map('parse', mixed)).toEqualTypeOf<ResultStream<Page>>();
      expectTypeOf(executor.map(save, pages)).toEqualTypeOf<ResultStream<Receipt>>();
      expectTypeOf(executor.map((url: string) => url.length, promises)).toEqualTypeOf<ResultStream<number>>();
      // @ts-expect-error: a promise of a number is not a promise of a string
      executor.map(parse, [Promise.resolve(1)]);
    });
  });

  test('map refuses inputs and options of the wrong kind', () => {
    declareNothing(() => {
      // @ts-expect-error: numbers are not strings
      executor.map(parse, [1, 2]);
      // @ts-expect-error: numbers are not strings
      executor.map('parse', [1, 2]);
      // @ts-expect-error: one input is not a list of inputs
      executor.map(save, {} as Page);
      // @ts-expect-error: the option does not exist
      executor.map(parse, urls, { parallel: 4 });
      // @ts-expect-error: the option is a number
      executor.map(parse, urls, { concurrency: '4' });
      // @ts-expect-error: the module has no such export
      executor.map('unknown', urls);
    });
  });
});

/** For code that only has to compile, or to be refused. Type tests are never run. */
function declareNothing(_never: (...args: never[]) => unknown): void {}
