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
  test('of a tuple gives a tuple', () => {
    expectTypeOf(all([n, s])).toEqualTypeOf<Future<[number, string]>>();
    expectTypeOf(all([n, s] as const)).toEqualTypeOf<Future<[number, string]>>();
    expectTypeOf(all([])).toEqualTypeOf<Future<[]>>();
  });

  test('of an array or any iterable gives an array', () => {
    expectTypeOf(all(numbers)).toEqualTypeOf<Future<number[]>>();
    expectTypeOf(all(set)).toEqualTypeOf<Future<number[]>>();
    expectTypeOf(all(mixed)).toEqualTypeOf<Future<(number | string)[]>>();
  });

  test('is awaited to its values, and they are not any', async () => {
    const [first, second] = await all([n, s]);
    expectTypeOf(first).toEqualTypeOf<number>();
    expectTypeOf(second).not.toBeAny();
  });

  test('refuses what is no Future', () => {
    // @ts-expect-error: a number is no Future
    all([n, 1]);
    // @ts-expect-error: nor is a promise
    all([Promise.resolve(1)]);
    // @ts-expect-error: there is no such option
    all([n], { cancel: true });
  });
});

describe('allSettled', () => {
  test('gives Outcomes in the same shapes', () => {
    expectTypeOf(allSettled([n, s])).toEqualTypeOf<Future<[Outcome<number>, Outcome<string>]>>();
    expectTypeOf(allSettled(numbers)).toEqualTypeOf<Future<Outcome<number>[]>>();
    expectTypeOf(allSettled(set)).toEqualTypeOf<Future<Outcome<number>[]>>();
  });
});

describe('any and race', () => {
  test('give one of the values', () => {
    expectTypeOf(any(numbers)).toEqualTypeOf<Future<number>>();
    expectTypeOf(race(set, { cancelRest: true })).toEqualTypeOf<Future<number>>();
  });

  test('give the union of the values of a tuple, as Promise.any and Promise.race do', () => {
    expectTypeOf(any([n, s])).toEqualTypeOf<Future<number | string>>();
    expectTypeOf(race([n, s])).toEqualTypeOf<Future<number | string>>();
    expectTypeOf(race(mixed)).toEqualTypeOf<Future<number | string>>();
  });

  test('refuse what is no Future', () => {
    // @ts-expect-error: a number is no Future
    race([n, 1]);
  });
});

describe('asCompleted', () => {
  test('gives Outcomes for each kind of input', () => {
    expectTypeOf(asCompleted(numbers)).toEqualTypeOf<ResultStream<Outcome<number>>>();
    expectTypeOf(asCompleted({} as Generator<Future<number>>)).toEqualTypeOf<ResultStream<Outcome<number>>>();
    expectTypeOf(asCompleted({} as AsyncIterable<Future<number>>)).toEqualTypeOf<ResultStream<Outcome<number>>>();
    expectTypeOf(asCompleted({} as Observable<Future<number>>)).toEqualTypeOf<ResultStream<Outcome<number>>>();
  });

  test('gives Outcomes of futures of different types', () => {
    expectTypeOf(asCompleted([n, s])).toEqualTypeOf<ResultStream<Outcome<number | string>>>();
    expectTypeOf(asCompleted(mixed)).toEqualTypeOf<ResultStream<Outcome<number | string>>>();
  });

  test('refuses what gives no Futures, an async generator of numbers for one', () => {
    // @ts-expect-error: numbers are no Futures
    asCompleted([1]);
    async function* generator() {
      yield n;
    }
    // @ts-expect-error: yield awaits them
    asCompleted(generator());
  });
});

describe('wait', () => {
  test('gives two sets of what it was given', async () => {
    const { done, notDone } = await wait(numbers);
    expectTypeOf(done).toEqualTypeOf<Set<Future<number>>>();
    expectTypeOf(notDone).toEqualTypeOf<Set<Future<number>>>();
    expectTypeOf((await wait(mixed)).done).toEqualTypeOf<Set<Future<number> | Future<string>>>();
    // @ts-expect-error: there is no such ending
    wait(numbers, { returnWhen: 'last' });
  });
});
