import {
  all,
  allSettled,
  any,
  asCompleted,
  Deferred,
  type Future,
  type Outcome,
  type ResultStream,
  race,
  wait,
} from 'rx-futures';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';

const n = new Deferred<number>().future;
const s = new Deferred<string>().future;
declare const numbers: Future<number>[];
declare const set: Set<Future<number>>;
declare const mixed: (Future<number> | Future<string>)[];

describe('all', () => {
  test('all of a tuple returns a tuple', () => {
    expectTypeOf(all([n, s])).toEqualTypeOf<Future<[number, string]>>();
    expectTypeOf(all([n, s] as const)).toEqualTypeOf<Future<[number, string]>>();
    expectTypeOf(all([])).toEqualTypeOf<Future<[]>>();
  });

  test('all of an array or any iterable returns an array', () => {
    expectTypeOf(all(numbers)).toEqualTypeOf<Future<number[]>>();
    expectTypeOf(all(set)).toEqualTypeOf<Future<number[]>>();
    expectTypeOf(all(mixed)).toEqualTypeOf<Future<(number | string)[]>>();
  });

  test('all is awaited to its values, and they are not any', async () => {
    const [first, second] = await all([n, s]);
    expectTypeOf(first).toEqualTypeOf<number>();
    expectTypeOf(second).not.toBeAny();
  });

  test('all refuses items that are not Futures', () => {
    // @ts-expect-error: a number is not a Future
    all([n, 1]);
    // @ts-expect-error: a promise is not a Future
    all([Promise.resolve(1)]);
    // @ts-expect-error: the option does not exist
    all([n], { cancel: true });
  });
});

describe('allSettled', () => {
  test('allSettled returns Outcomes in the same shapes', () => {
    expectTypeOf(allSettled([n, s])).toEqualTypeOf<Future<[Outcome<number>, Outcome<string>]>>();
    expectTypeOf(allSettled(numbers)).toEqualTypeOf<Future<Outcome<number>[]>>();
    expectTypeOf(allSettled(set)).toEqualTypeOf<Future<Outcome<number>[]>>();
  });
});

describe('any and race', () => {
  test('any and race return one of the values', () => {
    expectTypeOf(any(numbers)).toEqualTypeOf<Future<number>>();
    expectTypeOf(race(set, { cancelRest: true })).toEqualTypeOf<Future<number>>();
  });

  test("any and race return the union of a tuple's values, as Promise.any and Promise.race do", () => {
    expectTypeOf(any([n, s])).toEqualTypeOf<Future<number | string>>();
    expectTypeOf(race([n, s])).toEqualTypeOf<Future<number | string>>();
    expectTypeOf(race(mixed)).toEqualTypeOf<Future<number | string>>();
  });

  test('any and race refuse items that are not Futures', () => {
    // @ts-expect-error: a number is not a Future
    race([n, 1]);
  });
});

describe('asCompleted', () => {
  test('asCompleted emits Outcomes for each kind of input', () => {
    expectTypeOf(asCompleted(numbers)).toEqualTypeOf<ResultStream<Outcome<number>>>();
    expectTypeOf(asCompleted({} as Generator<Future<number>>)).toEqualTypeOf<ResultStream<Outcome<number>>>();
    expectTypeOf(asCompleted({} as AsyncIterable<Future<number>>)).toEqualTypeOf<ResultStream<Outcome<number>>>();
    expectTypeOf(asCompleted({} as Observable<Future<number>>)).toEqualTypeOf<ResultStream<Outcome<number>>>();
  });

  test('asCompleted emits Outcomes of futures of different types', () => {
    expectTypeOf(asCompleted([n, s])).toEqualTypeOf<ResultStream<Outcome<number | string>>>();
    expectTypeOf(asCompleted(mixed)).toEqualTypeOf<ResultStream<Outcome<number | string>>>();
  });

  test('asCompleted refuses inputs without Futures, such as an async generator of numbers', () => {
    // @ts-expect-error: numbers are not Futures
    asCompleted([1]);
    async function* generator() {
      yield n;
    }
    // @ts-expect-error: an async generator awaits the futures that it yields
    asCompleted(generator());
  });
});

describe('wait', () => {
  test('wait returns two sets of the input futures', async () => {
    const { done, notDone } = await wait(numbers);
    expectTypeOf(done).toEqualTypeOf<Set<Future<number>>>();
    expectTypeOf(notDone).toEqualTypeOf<Set<Future<number>>>();
    expectTypeOf((await wait(mixed)).done).toEqualTypeOf<Set<Future<number> | Future<string>>>();
    // @ts-expect-error: the value does not exist
    wait(numbers, { returnWhen: 'last' });
  });
});
