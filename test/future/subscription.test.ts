import { Deferred, Future } from 'rx-futures';
import {
  BehaviorSubject,
  delay,
  firstValueFrom,
  forkJoin,
  from,
  lastValueFrom,
  map,
  merge,
  type Observable,
  of,
  ReplaySubject,
  Subject,
  switchMap,
  take,
  tap,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { collect } from '../support/collect.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

const error = new Error('lost');

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

describe('future.subscribe', () => {
  it('an observer receives the value and completes at settlement', () => {
    const deferred = new Deferred<number>();
    const seen = collect(deferred.future);
    expect(seen).toEqual([]);
    deferred.resolve(1);
    expect(seen).toEqual(['next 1', 'complete']);
  });

  it('an observer receives the same error object at settlement', () => {
    const deferred = new Deferred<number>();
    const onError = vi.fn();
    deferred.future.subscribe({ error: onError });
    deferred.reject(error);
    expect(onError.mock.calls[0]![0]).toBe(error);
  });

  it('an observer receives a cancellation as an error', () => {
    const deferred = new Deferred<number>('save');
    const seen = collect(deferred.future);
    deferred.cancel('enough');
    expect(seen).toEqual([`error CancelledError: Future "save" (#${deferred.future.id}) was cancelled: enough`]);
  });

  it('late subscribers receive the outcome synchronously, any number of times', () => {
    const future = Future.resolve(1);
    expect(collect(future)).toEqual(['next 1', 'complete']);
    expect(collect(future)).toEqual(['next 1', 'complete']);
    expect(collect(Future.reject(error))).toEqual(['error Error: lost']);
  });

  it('an observer receives undefined as a value', () => {
    expect(collect(Future.resolve())).toEqual(['next undefined', 'complete']);
  });

  it('subscribe() accepts a function', () => {
    const next = vi.fn();
    const subscription = Future.resolve(1).subscribe(next);
    expect(next.mock.calls).toEqual([[1]]);
    expect(subscription.closed).toBe(true);
  });

  it('subscribe() accepts no argument', () => {
    expect(Future.resolve(1).subscribe().closed).toBe(true);
  });

  it('subscribe() accepts three functions, as RxJS did in the past', () => {
    const [next, onError, complete] = [vi.fn(), vi.fn(), vi.fn()];
    Future.resolve(1).subscribe(next, onError, complete);
    Future.reject(error).subscribe(null, onError);
    Future.resolve(2).subscribe(undefined, undefined, complete);
    expect(next.mock.calls).toEqual([[1]]);
    expect(onError.mock.calls).toEqual([[error]]);
    expect(complete.mock.calls).toEqual([[], []]);
  });

  it('the methods of an observer are called on the observer object', () => {
    class Counter {
      sum = 0;
      next(value: number) {
        this.sum += value;
      }
    }
    const counter = new Counter();
    Future.resolve(2).subscribe(counter);
    expect(counter.sum).toBe(2);
  });

  it.each([
    ['Subject', () => new Subject<number>()],
    ['BehaviorSubject', () => new BehaviorSubject(0)],
    ['ReplaySubject', () => new ReplaySubject<number>()],
  ])('a %s can subscribe to a future', (_name, make) => {
    const subject = make();
    const seen = collect(subject.pipe(tap()));
    Future.resolve(1).subscribe(subject);
    expect(seen.slice(-2)).toEqual(['next 1', 'complete']);
  });

  it.each<[string, (future: Observable<number>) => Observable<unknown>, string[]]>([
    ['map', (future) => future.pipe(map((n) => n * 10)), ['next 70', 'complete']],
    ['take', (future) => future.pipe(take(1)), ['next 7', 'complete']],
    ['switchMap to a future', (future) => of(0).pipe(switchMap(() => future)), ['next 7', 'complete']],
    ['merge', (future) => merge(future, of(1)), ['next 1', 'next 7', 'complete']],
    ['forkJoin', (future) => forkJoin([future, of(1)]), ['next [ 7, 1 ]', 'complete']],
    ['from', (future) => from(future), ['next 7', 'complete']],
  ])('%s of RxJS accepts a future', (_name, make, expected) => {
    const deferred = new Deferred<number>();
    const seen = collect(make(deferred.future));
    deferred.resolve(7);
    expect(seen).toEqual(expected);
  });

  it('time-based operators of RxJS receive the value of a future', () => {
    const seen = collect(Future.resolve(1).pipe(delay(1_000)));
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(seen).toEqual(['next 1', 'complete']);
  });

  it('firstValueFrom and lastValueFrom settle as the future does', async () => {
    await expect(firstValueFrom(Future.resolve(1))).resolves.toBe(1);
    await expect(lastValueFrom(Future.reject(error))).rejects.toBe(error);
  });
});

describe('leaving a future', () => {
  it('unsubscribing does not cancel the future, and the observer receives nothing', () => {
    const deferred = new Deferred<number>();
    const seen: unknown[] = [];
    const sources: Observable<unknown>[] = [deferred.future, deferred.future.pipe(map(String)), from(deferred.future)];
    const subscriptions = sources.map((source) => source.subscribe((value) => seen.push(value)));
    for (const subscription of subscriptions) subscription.unsubscribe();
    expect(deferred.future.state).toBe('pending');
    expect(deferred.resolve(1)).toBe(true);
    expect(seen).toEqual([]);
  });

  it('unsubscribing does not affect other subscribers', () => {
    const deferred = new Deferred<number>();
    const leaver = deferred.future.subscribe();
    const seen = collect(deferred.future);
    leaver.unsubscribe();
    leaver.unsubscribe();
    deferred.resolve(1);
    expect(seen).toEqual(['next 1', 'complete']);
  });

  it('an observer that unsubscribes in next does not receive complete', () => {
    const deferred = new Deferred<number>();
    const complete = vi.fn();
    const subscription = deferred.future.subscribe({ next: () => subscription.unsubscribe(), complete });
    deferred.resolve(1);
    expect(complete).not.toHaveBeenCalled();
  });

  it('teardown functions of a subscription run once, also after completion', () => {
    const deferred = new Deferred<number>();
    const teardown = vi.fn();
    deferred.future.subscribe().add(teardown);
    deferred.resolve(1);
    expect(teardown).toHaveBeenCalledTimes(1);
  });
});
