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
  it('gives the value and completes, at settlement', () => {
    const deferred = new Deferred<number>();
    const seen = collect(deferred.future);
    expect(seen).toEqual([]);
    deferred.resolve(1);
    expect(seen).toEqual(['next 1', 'complete']);
  });

  it('gives the very same error, at settlement', () => {
    const deferred = new Deferred<number>();
    const onError = vi.fn();
    deferred.future.subscribe({ error: onError });
    deferred.reject(error);
    expect(onError.mock.calls[0]![0]).toBe(error);
  });

  it('gives a cancellation as an error', () => {
    const deferred = new Deferred<number>('save');
    const seen = collect(deferred.future);
    deferred.cancel('enough');
    expect(seen).toEqual([`error CancelledError: save (#${deferred.future.id}) was cancelled: enough`]);
  });

  it('replays the end to whoever comes late, synchronously, any number of times', () => {
    const future = Future.resolve(1);
    expect(collect(future)).toEqual(['next 1', 'complete']);
    expect(collect(future)).toEqual(['next 1', 'complete']);
    expect(collect(Future.reject(error))).toEqual(['error Error: lost']);
  });

  it('gives undefined as a value, not as the lack of one', () => {
    expect(collect(Future.resolve())).toEqual(['next undefined', 'complete']);
  });

  it('takes a function', () => {
    const next = vi.fn();
    const subscription = Future.resolve(1).subscribe(next);
    expect(next.mock.calls).toEqual([[1]]);
    expect(subscription.closed).toBe(true);
  });

  it('takes nothing at all', () => {
    expect(Future.resolve(1).subscribe().closed).toBe(true);
  });

  it('takes three functions, as RxJS once did', () => {
    const [next, onError, complete] = [vi.fn(), vi.fn(), vi.fn()];
    Future.resolve(1).subscribe(next, onError, complete);
    Future.reject(error).subscribe(null, onError);
    Future.resolve(2).subscribe(undefined, undefined, complete);
    expect(next.mock.calls).toEqual([[1]]);
    expect(onError.mock.calls).toEqual([[error]]);
    expect(complete.mock.calls).toEqual([[], []]);
  });

  it('calls the methods of an observer that is an object with state', () => {
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
  ])('feeds a %s', (_name, make) => {
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
  ])('works with %s of RxJS', (_name, make, expected) => {
    const deferred = new Deferred<number>();
    const seen = collect(make(deferred.future));
    deferred.resolve(7);
    expect(seen).toEqual(expected);
  });

  it('works with time in RxJS', () => {
    const seen = collect(Future.resolve(1).pipe(delay(1_000)));
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(seen).toEqual(['next 1', 'complete']);
  });

  it('works with firstValueFrom and lastValueFrom', async () => {
    await expect(firstValueFrom(Future.resolve(1))).resolves.toBe(1);
    await expect(lastValueFrom(Future.reject(error))).rejects.toBe(error);
  });
});

describe('leaving a future', () => {
  it('never cancels it, and what has left is not told', () => {
    const deferred = new Deferred<number>();
    const seen: unknown[] = [];
    const sources: Observable<unknown>[] = [deferred.future, deferred.future.pipe(map(String)), from(deferred.future)];
    const subscriptions = sources.map((source) => source.subscribe((value) => seen.push(value)));
    for (const subscription of subscriptions) subscription.unsubscribe();
    expect(deferred.future.state).toBe('pending');
    expect(deferred.resolve(1)).toBe(true);
    expect(seen).toEqual([]);
  });

  it('hurts nobody else', () => {
    const deferred = new Deferred<number>();
    const leaver = deferred.future.subscribe();
    const seen = collect(deferred.future);
    leaver.unsubscribe();
    leaver.unsubscribe();
    deferred.resolve(1);
    expect(seen).toEqual(['next 1', 'complete']);
  });

  it('in next means that complete is not told', () => {
    const deferred = new Deferred<number>();
    const complete = vi.fn();
    const subscription = deferred.future.subscribe({ next: () => subscription.unsubscribe(), complete });
    deferred.resolve(1);
    expect(complete).not.toHaveBeenCalled();
  });

  it('runs what was added to the subscription, once, also at the end', () => {
    const deferred = new Deferred<number>();
    const teardown = vi.fn();
    deferred.future.subscribe().add(teardown);
    deferred.resolve(1);
    expect(teardown).toHaveBeenCalledTimes(1);
  });
});
