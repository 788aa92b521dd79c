import { Readable } from 'node:stream';
import { type Executor, type Future, type ResultStream, type Shared, through } from 'rx-futures';
import { filter, map, type Observable } from 'rxjs';
import { expectTypeOf, test } from 'vitest';

interface Row {
  readonly id: number;
}

declare const executor: Executor<{
  lines(file: string): AsyncGenerator<string>;
  parse(lines: AsyncIterable<string>, strict?: boolean): AsyncGenerator<Row>;
  count(rows: AsyncIterable<Row>): Promise<number>;
  save(row: Row): Promise<void>;
  add(a: number, b: number): number;
  any(value: any): number;
  maybe(rows?: AsyncIterable<Row>): number;
}>;
const { lines, parse, count, save, add, any, maybe } = executor.tasks;
declare const rows: Observable<Row>;

test('an AsyncIterable parameter accepts every kind of stream', () => {
  expectTypeOf(parse.stream(lines.stream('a'))).toEqualTypeOf<ResultStream<Row>>();
  expectTypeOf(count(parse.stream(lines.stream('a'), true))).toEqualTypeOf<Future<number>>();
  expectTypeOf(count(rows)).toEqualTypeOf<Future<number>>();
  expectTypeOf(count([{ id: 1 }])).toEqualTypeOf<Future<number>>();
  expectTypeOf(count([{ id: 1 }].values())).toEqualTypeOf<Future<number>>();
  expectTypeOf(count({} as ReadableStream<Row>)).toEqualTypeOf<Future<number>>();
  expectTypeOf(count(Readable.from([1]))).toEqualTypeOf<Future<number>>();
  expectTypeOf(maybe(rows)).toEqualTypeOf<Future<number>>();
  expectTypeOf(maybe()).toEqualTypeOf<Future<number>>();
  expectTypeOf(any(rows)).toEqualTypeOf<Future<number>>();
  expectTypeOf(executor.submit('count', rows)).toEqualTypeOf<Future<number>>();
  expectTypeOf(executor.submit(count, rows)).toEqualTypeOf<Future<number>>();
  expectTypeOf(executor.stream(parse, lines.stream('a'))).toEqualTypeOf<ResultStream<Row>>();
  expectTypeOf(executor.map(save, parse.stream(lines.stream('a')))).toEqualTypeOf<ResultStream<void>>();
  expectTypeOf(executor.map(count, [rows, parse.stream(lines.stream('a'))])).toEqualTypeOf<ResultStream<number>>();
});

test('through returns a ResultStream of the values of the task', () => {
  expectTypeOf(lines.stream('a').pipe(through(parse, true))).toEqualTypeOf<ResultStream<Row>>();
  expectTypeOf(lines.stream('a').pipe(through(parse), through(count))).toEqualTypeOf<ResultStream<number>>();
  expectTypeOf(lines.stream('a').pipe(filter(Boolean), through(parse))).toEqualTypeOf<ResultStream<Row>>();
  expectTypeOf(lines.stream('a').pipe(map((line) => line.length))).toEqualTypeOf<Observable<number>>();
  expectTypeOf(rows.pipe(through(count))).toEqualTypeOf<Observable<number>>();
  expectTypeOf(through(count)(rows)).toEqualTypeOf<ResultStream<number>>();
});

test('a stream of another type, or at another place, is refused', () => {
  // @ts-expect-error: the parameter is a stream of rows
  count(lines.stream('a'));
  // @ts-expect-error: the parameter is a number
  add(rows, 1);
  // @ts-expect-error: the parameter is a text
  lines.stream(lines.stream('a'));
  // @ts-expect-error: a stream can't be shared
  executor.share(rows);
  // @ts-expect-error: a stream can't be shared
  executor.share(lines.stream('a'));
  // @ts-expect-error: the stages do not fit
  lines.stream('a').pipe(through(count));
  expectTypeOf(executor.share({ a: 1 })).toEqualTypeOf<Shared<{ a: number }>>();
});
