import {
  asCompleted,
  chain,
  type Executor,
  Future,
  type FutureOperator,
  type Outcome,
  pipeline,
  recover,
  type Task,
  values,
} from 'rx-futures';
import { type InteropObservable, map, type Observable, type OperatorFunction, of, take } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import type { Page, Receipt } from './tasks.js';

declare const executor: Executor<typeof import('./tasks.js')>;
const { fetchPage, parse, save, count } = executor.tasks;
declare const urls: string[];

describe('the worked example', () => {
  test('the worked example needs no annotation', async () => {
    const receipts = urls.map((url) => fetchPage(url).pipe(chain(parse), chain(save)));
    expectTypeOf(receipts).toEqualTypeOf<Future<Receipt>[]>();
    receipts[0]!.subscribe({ next: (receipt) => expectTypeOf(receipt).toEqualTypeOf<Receipt>(), error: console.error });
    receipts[0]!.addDoneCallback((outcome) => expectTypeOf(outcome).toEqualTypeOf<Outcome<Receipt>>());
    for await (const outcome of asCompleted(receipts)) expectTypeOf(outcome).toEqualTypeOf<Outcome<Receipt>>();
    expectTypeOf(await receipts[0]!).toEqualTypeOf<Receipt>();
  });
});

describe('chain', () => {
  test('chain of a task or a function is a FutureOperator from its argument to its result', () => {
    expectTypeOf(chain(parse)).toEqualTypeOf<FutureOperator<string, Page>>();
    expectTypeOf(chain((html: string) => html.length)).toEqualTypeOf<FutureOperator<string, number>>();
    expectTypeOf(chain(parse)).toExtend<OperatorFunction<string, Page>>();
  });

  test('chain awaits promises, Futures and Observables', () => {
    const start = Future.resolve('a');
    expectTypeOf(start.pipe(chain(async (s) => s.length))).toEqualTypeOf<Future<number>>();
    expectTypeOf(start.pipe(chain((s) => parse(s)))).toEqualTypeOf<Future<Page>>();
    expectTypeOf(start.pipe(chain((s) => of(s.length)))).toEqualTypeOf<Future<number>>();
    expectTypeOf(start.pipe(chain((s) => s.length))).toEqualTypeOf<Future<number>>();
    expectTypeOf(start.pipe(chain((s): number | Promise<string> => (s ? 1 : Promise.resolve(s))))).toEqualTypeOf<
      Future<number | string>
    >();
    expectTypeOf(start.pipe(chain(() => {}))).toEqualTypeOf<Future<void>>();
    expectTypeOf(start.pipe(chain(() => ({ a: 1 })))).toEqualTypeOf<Future<{ a: number }>>();
    expectTypeOf(start.pipe(chain(() => [1]))).toEqualTypeOf<Future<number[]>>();
    expectTypeOf(start.pipe(chain(() => new Map<string, number>()))).toEqualTypeOf<Future<Map<string, number>>>();
    const foreign = {} as InteropObservable<number>;
    expectTypeOf(start.pipe(chain(() => foreign))).toEqualTypeOf<Future<number>>();
    expectTypeOf(Future.from(foreign)).toEqualTypeOf<Future<number>>();
    expectTypeOf(Future.resolve(Promise.resolve(1))).toEqualTypeOf<Future<number>>();
    expectTypeOf(Future.resolve({ a: 1 })).toEqualTypeOf<Future<{ a: number }>>();
  });

  test('chain infers the parameter of its function', () => {
    fetchPage('a').pipe(
      chain(parse),
      chain((page) => {
        expectTypeOf(page).toEqualTypeOf<Page>();
        return page.title;
      }),
      chain((title) => expectTypeOf(title).toEqualTypeOf<string>()),
    );
  });

  test('chain refuses a step with a different parameter', () => {
    // @ts-expect-error: save expects a Page, and the value is a string
    fetchPage('a').pipe(chain(save));
    // @ts-expect-error: parse expects a string, and the value is a Receipt
    fetchPage('a').pipe(chain(parse), chain(save), chain(parse));
    // @ts-expect-error: the value is a string
    fetchPage('a').pipe(chain((page: Page) => page.title));
    // @ts-expect-error: a generator yields many values
    Future.resolve(3).pipe(chain(count));
    // @ts-expect-error: a step is a task or a function
    chain(5);
    // @ts-expect-error: the function has two parameters, and the step passes one
    Future.resolve(3).pipe(chain((a: number, b: number) => a + b));
  });
});

describe('recover', () => {
  test("recover adds the handler's result to the value type", () => {
    const page = parse('a');
    expectTypeOf(page.pipe(recover(() => undefined))).toEqualTypeOf<Future<Page | undefined>>();
    expectTypeOf(page.pipe(recover(async () => 1))).toEqualTypeOf<Future<Page | number>>();
    expectTypeOf(page.pipe(recover(() => parse('b')))).toEqualTypeOf<Future<Page>>();
    expectTypeOf(page.pipe(recover(() => of('x')))).toEqualTypeOf<Future<Page | string>>();
  });

  test('recover keeps the value type if its handler only throws', () => {
    const rethrow = (error: unknown): never => {
      throw error;
    };
    expectTypeOf(parse('a').pipe(recover(rethrow))).toEqualTypeOf<Future<Page>>();
  });
});

describe('pipe', () => {
  test('pipe returns a Future exactly if all operators are FutureOperators', () => {
    const start = Future.resolve(1);
    const next = (n: number) => n + 1;
    expectTypeOf(start.pipe()).toEqualTypeOf<Future<number>>();
    expectTypeOf(start.pipe(chain(next), recover(next))).toEqualTypeOf<Future<number>>();
    expectTypeOf(
      start.pipe(chain(next), chain(next), chain(next), chain(next), chain(next), chain(String)),
    ).toEqualTypeOf<Future<string>>();
    expectTypeOf(start.pipe(map(next))).toEqualTypeOf<Observable<number>>();
    expectTypeOf(start.pipe(chain(next), map(String))).toEqualTypeOf<Observable<string>>();
    expectTypeOf(
      start.pipe(
        map(String),
        chain((s) => s.length),
      ),
    ).toEqualTypeOf<Observable<number>>();
    expectTypeOf(start.pipe(take(1), chain(next))).toEqualTypeOf<Observable<number>>();
  });

  test('the operators work on any other Observable', () => {
    expectTypeOf(of('a').pipe(chain(parse))).toEqualTypeOf<Observable<Page>>();
    expectTypeOf(of('a').pipe(recover(() => 1))).toEqualTypeOf<Observable<string | number>>();
    expectTypeOf(asCompleted([parse('a')]).pipe(values())).toEqualTypeOf<Observable<Page>>();
  });
});

describe('values', () => {
  test('values refuses an Observable of anything but Outcomes', () => {
    // @ts-expect-error: a number is not an Outcome
    of(1).pipe(values());
  });
});

describe('pipeline', () => {
  test("pipeline is a task from the first task's arguments to the last task's result", () => {
    expectTypeOf(pipeline(fetchPage, parse, save)).toEqualTypeOf<Task<[url: string], Receipt>>();
    expectTypeOf(pipeline(parse)).toEqualTypeOf<Task<[html: string], Page>>();
    // @ts-expect-error: save expects a Page, and fetchPage returns a string
    pipeline(fetchPage, save);
    // @ts-expect-error: a function is not a task
    pipeline(fetchPage, (html: string) => html.length);
  });
});
