import { asCompleted, Deferred, Future, type Outcome, type Progress, progress } from 'rx-futures';
import { map, Observable, of, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { cancelledFuture, failure } from '../support/ended.js';
import { marbles } from '../support/marbles.js';

const ok = Future.resolve('ok').outcome!;
const lost = Future.reject<string>(failure).outcome!;
const gone = cancelledFuture().outcome! as Outcome<string>;

/** Formats a Progress as `done/total`, with the failures and the cancellations. */
const short = ({ done, total, rejected, cancelled }: Progress<unknown>) =>
  `${done}/${total ?? '?'}${rejected > 0 ? ` ✗${rejected}` : ''}${cancelled > 0 ? ` −${cancelled}` : ''}`;

function collect(source: Observable<Progress<unknown>>): Progress<unknown>[] {
  const seen: Progress<unknown>[] = [];
  source.subscribe((item) => seen.push(item));
  return seen;
}

describe('progress on an Observable of outcomes', () => {
  it('progress emits one value for each outcome, and none before the first', () => {
    marbles(({ cold, time, expectObservable }) => {
      const source = cold('  -a--x--c|', { a: ok, x: lost, c: gone });
      const expected = '     -p--q--r|';
      const counts = [
        { done: 1, fulfilled: 1, rejected: 0, cancelled: 0, elapsed: time('-|'), last: ok },
        { done: 2, fulfilled: 1, rejected: 1, cancelled: 0, elapsed: time('----|'), last: lost },
        { done: 3, fulfilled: 1, rejected: 1, cancelled: 1, elapsed: time('-------|'), last: gone },
      ];
      const withoutRate = map(({ rate: _, eta: __, ...rest }: Progress<string>) => rest);
      const [p, q, r] = counts.map((count) => ({ ...count, total: undefined }));
      expectObservable(source.pipe(progress(), withoutRate)).toBe(expected, { p, q, r });
    });
  });

  it('progress computes the exact rate and ETA if the outcomes are evenly spaced', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  2s a 1999ms a 1999ms (a|)', { a: ok });
      const expected = '     2s p 1999ms q 1999ms (r|)';
      const timing = map(({ total, elapsed, rate, eta }: Progress<string>) => ({ total, elapsed, rate, eta }));
      expectObservable(source.pipe(progress({ total: 4 }), timing)).toBe(expected, {
        p: { total: 4, elapsed: 2_000, rate: 0.5, eta: 6_000 },
        q: { total: 4, elapsed: 4_000, rate: 0.5, eta: 4_000 },
        r: { total: 4, elapsed: 6_000, rate: 0.5, eta: 2_000 },
      });
    });
  });

  it('the ETA is undefined without a total or without a rate, and 0 when all outcomes are there', () => {
    // The clock does not advance, so all outcomes arrive in no time.
    vi.useFakeTimers();
    const [first] = collect(of(ok).pipe(progress()));
    const [second, third] = collect(of(ok, ok).pipe(progress({ total: 2 })));
    vi.useRealTimers();
    expect(first).toMatchObject({ total: undefined, rate: 0, eta: undefined });
    expect(second).toMatchObject({ total: 2, rate: 0, eta: undefined });
    expect(third).toMatchObject({ total: 2, rate: 0, eta: 0 });
  });

  it('the total is never less than the number of outcomes, even if the total option is too low', () => {
    expect(collect(of(ok, ok, ok).pipe(progress({ total: 2 }))).map(short)).toEqual(['1/2', '2/2', '3/3']);
  });

  it('progress ends as the source does', () => {
    marbles(({ cold, expectObservable }) => {
      const done = map(({ done }: Progress<string>) => String(done));
      expectObservable(cold('-a-#', { a: ok }, failure).pipe(progress(), done)).toBe('-1-#', undefined, failure);
      expectObservable(cold<Outcome<string>>('---|').pipe(progress(), done)).toBe('---|');
    });
  });

  it('progress unsubscribes from the source when its subscriber leaves, and counts again for each subscriber', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('  -a-a--|', { a: ok });
      const unsub = '        ---!';
      const expected1 = '    -1-';
      const late = '         -----^';
      const expected2 = '    ------1-2--|';
      const counted = source.pipe(
        progress(),
        map(({ done }) => String(done)),
      );
      expectObservable(counted, unsub).toBe(expected1);
      expectObservable(counted, late).toBe(expected2);
      expectSubscriptions(source.subscriptions).toBe(['^--!', '-----^-----!']);
    });
  });

  it('progress throws at the call for a wrong option, and names the option', () => {
    for (const total of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => progress({ total })).toThrow(RangeError);
    }
    expect(() => progress({ total: '3' as never })).toThrow(TypeError);
    expect(() => progress({ total: -1 })).toThrow('progress(): option "total": expected an integer, 0 or more, got -1');
    expect(() => progress({ totl: 3 } as never)).toThrow('progress(): unknown option "totl". Use one of: total.');
    expect(() => progress(5 as never)).toThrow(TypeError);
  });
});

describe('progress directly after asCompleted', () => {
  it('progress knows the number of distinct futures of an array or a Set before any of them settles', () => {
    const late = new Deferred<number>();
    const futures = [Future.resolve(1), late.future, Future.reject<number>(failure), late.future];
    expect(collect(asCompleted(futures).pipe(progress())).map(short)).toEqual(['1/3', '2/3 ✗1']);
    expect(collect(asCompleted(new Set(futures)).pipe(progress())).map(short)).toEqual(['1/3', '2/3 ✗1']);
  });

  it('the total of an open-ended input is the number of futures read so far, and never less than done', () => {
    const deferreds = Array.from({ length: 4 }, () => new Deferred<number>());
    const generator = futuresOf(deferreds);
    const seen = collect(asCompleted(generator, { concurrency: 2 }).pipe(progress()));
    for (const deferred of deferreds) deferred.resolve(0);
    expect(seen.map(short)).toEqual(['1/2', '2/3', '3/4', '4/4']);
  });

  it('the total of an Observable input is the number of futures emitted so far', () => {
    const input = new Subject<Future<number>>();
    const [first, second] = [new Deferred<number>(), new Deferred<number>()];
    const seen = collect(asCompleted(input).pipe(progress()));
    input.next(first.future);
    first.resolve(1);
    input.next(second.future);
    input.next(new Deferred<number>().future);
    second.resolve(2);
    expect(seen.map(short)).toEqual(['1/1', '2/3']);
  });

  it('each subscription has its own count', () => {
    const futures = [new Deferred<number>(), new Deferred<number>()];
    const counted = asCompleted(futures.map(({ future }) => future)).pipe(progress());
    const early = collect(counted);
    futures[0]!.resolve(1);
    const late = collect(counted);
    futures[1]!.resolve(2);
    expect([early.map(short), late.map(short)]).toEqual([
      ['1/2', '2/2'],
      ['1/2', '2/2'],
    ]);
  });

  it('the total option overrides the total of the stream', () => {
    expect(collect(asCompleted([ok.future]).pipe(progress({ total: 10 }))).map(short)).toEqual(['1/10']);
  });

  it('another operator between asCompleted and progress hides the total, because it may drop outcomes', () => {
    const source = asCompleted([ok.future, lost.future]).pipe(map((outcome) => outcome));
    expect(collect(source.pipe(progress())).map(short)).toEqual(['1/?', '2/? ✗1']);
  });

  it('asCompleted stops reading its input when the subscriber of progress leaves', () => {
    const input = new Observable<Future<number>>(() => () => {
      left++;
    });
    let left = 0;
    asCompleted(input).pipe(progress()).subscribe().unsubscribe();
    expect(left).toBe(1);
  });
});

function* futuresOf<T>(deferreds: readonly Deferred<T>[]): Generator<Future<T>> {
  for (const { future } of deferreds) yield future;
}
