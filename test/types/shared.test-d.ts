import { type Executor, type Future, type ResultStream, Shared } from 'rx-futures';
import { expectTypeOf, test } from 'vitest';

declare const executor: Executor<{
  lookUp(index: ReadonlyMap<string, number>, word: string): number;
  sum(list: readonly number[]): Promise<number>;
  items(list: readonly number[]): Generator<number>;
  first<T>(list: readonly T[]): T;
}>;
const { lookUp, sum, items } = executor.tasks;
declare const index: Shared<Map<string, number>>;
declare const list: Shared<number[]>;
declare const word: Future<string>;

test('share returns a Shared of the type of its value', () => {
  expectTypeOf(executor.share(new Map<string, number>())).toEqualTypeOf<Shared<Map<string, number>>>();
  expectTypeOf(executor.share([1])).toEqualTypeOf<Shared<number[]>>();
  expectTypeOf(executor.share({ a: 'text' })).not.toBeAny();
  expectTypeOf(list.id).toEqualTypeOf<number>();
  expectTypeOf(list.name).toEqualTypeOf<string>();
  expectTypeOf(list.dispose()).toEqualTypeOf<void>();
  expectTypeOf(list[Symbol.dispose]()).toEqualTypeOf<void>();
  expectTypeOf(list).toExtend<Disposable>();
});

test('an argument may be a Shared of its type, beside values and futures', () => {
  expectTypeOf(lookUp(index, 'tea')).toEqualTypeOf<Future<number>>();
  expectTypeOf(lookUp(index, word)).toEqualTypeOf<Future<number>>();
  expectTypeOf(executor.submit('lookUp', index, 'tea')).toEqualTypeOf<Future<number>>();
  expectTypeOf(executor.submit(lookUp, index, 'tea')).toEqualTypeOf<Future<number>>();
  expectTypeOf(executor.submit((n: number[]) => n.length, list)).toEqualTypeOf<Future<number>>();
  expectTypeOf(executor.broadcast(sum, list)).toEqualTypeOf<Future<number[]>>();
  expectTypeOf(items.stream(list)).toEqualTypeOf<ResultStream<number>>();
  expectTypeOf(executor.map(sum, [list, [1]])).toEqualTypeOf<ResultStream<number>>();
});

test('a Shared of another type, or at another place, is refused', () => {
  // @ts-expect-error: the parameter is a Map
  lookUp(list, 'tea');
  // @ts-expect-error: a Shared inside another value
  sum([executor.share(1)]);
  // @ts-expect-error: a Shared is not the value
  index.get('tea');
  // @ts-expect-error: only an executor makes a Shared
  new Shared({});
  // @ts-expect-error: a Shared of numbers is not a Shared of strings
  const _wrong: Shared<string[]> = list;
});
