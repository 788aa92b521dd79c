import { type CancelledError, Deferred, Future, type FutureState, type Outcome } from 'rx-futures';
import { forkJoin, from, lastValueFrom, mergeMap, type Observable, of, type Subscription } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';

const future = new Deferred<number>().future;

describe('a Future', () => {
  test('a Future is an Observable and a Promise of its value', () => {
    expectTypeOf(future).toExtend<Observable<number>>();
    expectTypeOf(future).toExtend<Promise<number>>();
    expectTypeOf<Awaited<typeof future>>().toEqualTypeOf<number>();
  });

  test('the properties of a Future are not any', () => {
    expectTypeOf(future.state).toEqualTypeOf<FutureState>();
    expectTypeOf(future.outcome).toEqualTypeOf<Outcome<number> | undefined>();
    expectTypeOf(future.threadId).toEqualTypeOf<number | undefined>();
    expectTypeOf(future.progress).toEqualTypeOf<Observable<unknown>>();
    expectTypeOf(future.result()).toEqualTypeOf<Promise<number>>();
    expectTypeOf(future.settled()).toEqualTypeOf<Promise<Outcome<number>>>();
    expectTypeOf(future.cancel()).toEqualTypeOf<boolean>();
    expectTypeOf(future.progress).not.toBeAny();
    expectTypeOf<Awaited<typeof future>>().not.toBeAny();
  });

  test('the properties of a Future are read-only', () => {
    // @ts-expect-error: the property is read-only
    future.id = 5;
    // @ts-expect-error: the property is read-only
    future.state = 'fulfilled';
    // @ts-expect-error: only its producer settles a future
    future.resolve;
  });

  test('a Future infers then, catch and finally as a promise does', () => {
    expectTypeOf(future.then((n) => String(n))).toEqualTypeOf<Promise<string>>();
    expectTypeOf(future.then()).toEqualTypeOf<Promise<number>>();
    expectTypeOf(future.catch(() => 'x')).toEqualTypeOf<Promise<number | string>>();
    expectTypeOf(future.finally(() => {})).toEqualTypeOf<Promise<number>>();
  });

  test('a Future accepts subscribers in all forms', () => {
    expectTypeOf(future.subscribe()).toEqualTypeOf<Subscription>();
    future.subscribe((n) => expectTypeOf(n).toEqualTypeOf<number>());
    future.subscribe({ next: (n) => expectTypeOf(n).toEqualTypeOf<number>(), complete: () => {} });
    // @ts-expect-error: a number is not a string
    future.subscribe((s: string) => s);
  });

  test('a Future is covariant: a Future of a number is a Future of a number or a string', () => {
    expectTypeOf(future).toExtend<Future<number | string>>();
    expectTypeOf<Future<number | string>>().not.toExtend<Future<number>>();
  });
});

describe('RxJS operators over Futures', () => {
  test('RxJS operators keep the value type, also after an operator with a function that returns a Future', () => {
    const numbers = of('a').pipe(mergeMap(() => future));
    expectTypeOf(numbers).toEqualTypeOf<Observable<number>>();
    expectTypeOf(from(future)).toEqualTypeOf<Observable<number>>();
    expectTypeOf(forkJoin([future, Future.resolve('a')])).toEqualTypeOf<Observable<[number, string]>>();
    expectTypeOf(lastValueFrom(future)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(Promise.all([future])).toEqualTypeOf<Promise<[number]>>();
    expectTypeOf(future.pipe()).toEqualTypeOf<Future<number>>();
  });
});

describe('Future.resolve, reject and from', () => {
  test('Future.resolve, reject and from infer their value', () => {
    expectTypeOf(Future.resolve(1)).toEqualTypeOf<Future<number>>();
    expectTypeOf(Future.resolve()).toEqualTypeOf<Future<void>>();
    expectTypeOf(Future.reject(new Error('lost'))).toEqualTypeOf<Future<never>>();
    expectTypeOf(Future.from(Promise.resolve(1))).toEqualTypeOf<Future<number>>();
    expectTypeOf(Future.from(of('a'))).toEqualTypeOf<Future<string>>();
    expectTypeOf(Future.from(future)).toEqualTypeOf<Future<number>>();
    // @ts-expect-error: the value is neither a promise nor an Observable
    Future.from(5);
  });
});

describe('a Deferred', () => {
  test('a Deferred accepts only its own type', () => {
    const deferred = new Deferred<number>();
    expectTypeOf(deferred.future).toEqualTypeOf<Future<number>>();
    expectTypeOf(deferred.resolve(1)).toEqualTypeOf<boolean>();
    // @ts-expect-error: a string is not a number
    deferred.resolve('a');
    // @ts-expect-error: the property is read-only
    deferred.future = future;
  });
});

describe('an Outcome', () => {
  test('an Outcome is narrowed by its status', () => {
    future.addDoneCallback((outcome) => {
      switch (outcome.status) {
        case 'fulfilled':
          expectTypeOf(outcome.value).toEqualTypeOf<number>();
          // @ts-expect-error: a fulfilled outcome has no reason
          outcome.reason;
          break;
        case 'rejected':
          expectTypeOf(outcome.reason).toEqualTypeOf<unknown>();
          // @ts-expect-error: a rejected or cancelled outcome has no value
          outcome.value;
          break;
        case 'cancelled':
          expectTypeOf(outcome.reason).toEqualTypeOf<CancelledError>();
          break;
        default:
          expectTypeOf(outcome).toEqualTypeOf<never>();
      }
      expectTypeOf(outcome.future).toEqualTypeOf<Future<number>>();
    });
  });

  test('an Outcome has its reason only after its status was checked', () => {
    const { outcome } = future;
    // @ts-expect-error: the future may be rejected
    outcome?.value;
    expectTypeOf(future.addDoneCallback(() => {})).toEqualTypeOf<() => void>();
  });
});
