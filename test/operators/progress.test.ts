import { asCompleted, Deferred, Future, type Outcome, type Progress, progress } from 'rx-futures';
import { map, Observable, of, Subject } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { cancelledFuture, failure } from '../support/ended.js';
import { marbles } from '../support/marbles.js';

const ok = Future.resolve('ok').outcome!;
const lost = Future.reject<string>(failure).outcome!;
const gone = cancelledFuture().outcome! as Outcome<string>;

/** `'done/total'`, or as much of it as is known, and the failures. */
const short = ({ done, total, rejected, cancelled }: Progress<unknown>) =>
  `${done}/${total ?? '?'}${rejected > 0 ? ` ✗${rejected}` : ''}${cancelled > 0 ? ` −${cancelled}` : ''}`;

function collect(source: Observable<Progress<unknown>>): Progress<unknown>[] {
  const seen: Progress<unknown>[] = [];
  source.subscribe((item) => seen.push(item));
  return seen;
}

describe('progress on an Observable of outcomes', () => {
  it('tells how far it is with each outcome, and nothing before the first', () => {
    marbles(({ cold, time, expectObservable }) => {
      const source = cold('  -a--x--c|', { a: ok, x: lost, c: gone });
      const expected = '     -p--q--r|';
      const counts = [
        { done: 1, fulfilled: 1, rejected: 0, cancelled: 0, elapsed: time('-|'), last: ok },
        { done: 2, fulfilled: 1, rejected: 1, cancelled: 0, elapsed: time('----|'), last: lost },
        { done: 3, fulfilled: 1, rejected: 1, cancelled: 1, elapsed: time('-------|'), last: gone },
      ];
      const withoutPace = map(({ rate: _, eta: __, ...rest }: Progress<string>) => rest);
      const [p, q, r] = counts.map((count) => ({ ...count, total: undefined }));
      expectObservable(source.pipe(progress(), withoutPace)).toBe(expected, { p, q, r });
    });
  });

  it('knows rate and ETA exactly where outcomes come evenly', () => {
    marbles(({ cold, expectObservable }) => {
      const source = cold('  2s a 1999ms a 1999ms (a|)', { a: ok });
      const expected = '     2s p 1999ms q 1999ms (r|)';
      const pace = map(({ total, elapsed, rate, eta }: Progress<string>) => ({ total, elapsed, rate, eta }));
      expectObservable(source.pipe(progress({ total: 4 }), pace)).toBe(expected, {
        p: { total: 4, elapsed: 2_000, rate: 0.5, eta: 6_000 },
        q: { total: 4, elapsed: 4_000, rate: 0.5, eta: 4_000 },
        r: { total: 4, elapsed: 6_000, rate: 0.5, eta: 2_000 },
      });
    });
  });

  it('has no ETA without a total, nor before there is a pace, and 0 when all is done', () => {
    // The clock stands: all of it comes in no time.
    vi.useFakeTimers();
    const [first] = collect(of(ok).pipe(progress()));
    const [second, third] = collect(of(ok, ok).pipe(progress({ total: 2 })));
    vi.useRealTimers();
    expect(first).toMatchObject({ total: undefined, rate: 0, eta: undefined });
    expect(second).toMatchObject({ total: 2, rate: 0, eta: undefined });
    expect(third).toMatchObject({ total: 2, rate: 0, eta: 0 });
  });

  it('never tells of less than what is done, where the given total was too low', () => {
    expect(collect(of(ok, ok, ok).pipe(progress({ total: 2 }))).map(short)).toEqual(['1/2', '2/2', '3/3']);
  });

  it('ends as the source does', () => {
    marbles(({ cold, expectObservable }) => {
      const done = map(({ done }: Progress<string>) => String(done));
      expectObservable(cold('-a-#', { a: ok }, failure).pipe(progress(), done)).toBe('-1-#', undefined, failure);
      expectObservable(cold<Outcome<string>>('---|').pipe(progress(), done)).toBe('---|');
    });
  });

  it('leaves the source when its subscriber leaves, and counts anew for each', () => {
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

  it('refuses a wrong option at the call, and names it', () => {
    for (const total of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3']) {
      expect(() => progress({ total: total as number })).toThrow(RangeError);
    }
    expect(() => progress({ total: -1 })).toThrow('progress(): total: expected an integer, 0 or more, got -1');
    expect(() => progress({ totl: 3 } as never)).toThrow('progress(): unknown option "totl". Use one of: total.');
    expect(() => progress(5 as never)).toThrow(TypeError);
  });
});

describe('progress right behind asCompleted', () => {
  it('knows the total of an array or a Set before anything has settled, each future once', () => {
    const late = new Deferred<number>();
    const futures = [Future.resolve(1), late.future, Future.reject<number>(failure), late.future];
    expect(collect(asCompleted(futures).pipe(progress())).map(short)).toEqual(['1/3', '2/3 ✗1']);
    expect(collect(asCompleted(new Set(futures)).pipe(progress())).map(short)).toEqual(['1/3', '2/3 ✗1']);
  });

  it('tells what an open-ended input has given so far, and never less than what is done', () => {
    const deferreds = Array.from({ length: 4 }, () => new Deferred<number>());
    const generator = futuresOf(deferreds);
    const seen = collect(asCompleted(generator, { concurrency: 2 }).pipe(progress()));
    for (const deferred of deferreds) deferred.resolve(0);
    expect(seen.map(short)).toEqual(['1/2', '2/3', '3/4', '4/4']);
  });

  it('tells what an Observable has given so far', () => {
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

  it('counts each subscription by itself', () => {
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

  it('believes the option rather than the stream', () => {
    expect(collect(asCompleted([ok.future]).pipe(progress({ total: 10 }))).map(short)).toEqual(['1/10']);
  });

  it('does not know the total behind another operator, which may leave outcomes out', () => {
    const source = asCompleted([ok.future, lost.future]).pipe(map((outcome) => outcome));
    expect(collect(source.pipe(progress())).map(short)).toEqual(['1/?', '2/? ✗1']);
  });

  it('stops the pass when its subscriber leaves', () => {
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
