import { asCompleted, chain, Deferred, Future, ResultStream, TimeoutError, values } from 'rx-futures';
import { take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelledFuture, failure, show, watch } from '../support/ended.js';

describe('asCompleted', () => {
  it('gives settled futures first, in the order of the input, then the others as they settle', () => {
    const [a, b, c] = [new Deferred<string>(), new Deferred<string>(), new Deferred<string>()];
    const futures = [a.future, Future.resolve('1'), b.future, cancelledFuture(), c.future, Future.reject(failure)];
    const seen = watch(asCompleted(futures));
    expect(seen).toEqual(['fulfilled 1', 'cancelled enough', 'rejected Error: lost']);
    c.resolve('c');
    a.resolve('a');
    expect(seen.slice(3)).toEqual(['fulfilled c', 'fulfilled a']);
    b.resolve('b');
    expect(seen.slice(5)).toEqual(['fulfilled b', 'complete']);
  });

  it('gives each distinct future once', () => {
    const deferred = new Deferred<string>();
    const settled = Future.resolve('settled');
    const seen = watch(asCompleted([deferred.future, settled, deferred.future, settled]));
    deferred.resolve('a');
    expect(seen).toEqual(['fulfilled settled', 'fulfilled a', 'complete']);
  });

  it('gives outcomes with their futures', async () => {
    const future = Future.resolve(1);
    const outcomes = await read(asCompleted([future]));
    expect(outcomes[0]!.future).toBe(future);
  });

  it('is not ended by failures, all of them even', () => {
    const seen = watch(asCompleted([Future.reject(failure), cancelledFuture(), Future.reject(failure)]));
    expect(seen).toEqual(['rejected Error: lost', 'cancelled enough', 'rejected Error: lost', 'complete']);
  });

  it('completes at once without futures', async () => {
    expect(watch(asCompleted([]))).toEqual(['complete']);
    expect(await read(asCompleted([]))).toEqual([]);
  });

  it('is a ResultStream: a new pass for each subscriber and each reader', async () => {
    const deferred = new Deferred<string>();
    const stream = asCompleted([deferred.future, Future.resolve('b')]);
    expect(stream).toBeInstanceOf(ResultStream);
    const first = watch(stream);
    const reader = read(stream);
    deferred.resolve('a');
    const late = watch(stream);
    expect(first).toEqual(['fulfilled b', 'fulfilled a', 'complete']);
    expect((await reader).map(show)).toEqual(['fulfilled b', 'fulfilled a']);
    expect(late).toEqual(['fulfilled a', 'fulfilled b', 'complete']);
  });

  it('cancels nothing when it is left, neither by a subscriber nor by a reader', async () => {
    const deferreds = [new Deferred<number>(), new Deferred<number>()];
    const stream = asCompleted([Future.resolve(0), ...deferreds.map(({ future }) => future)]);
    stream.subscribe().unsubscribe();
    stream.pipe(take(1)).subscribe();
    for await (const _ of stream) break;
    expect(deferreds.map(({ future }) => future.state)).toEqual(['pending', 'pending']);
  });

  it('lets go of the futures when it is left: cancelling a chain’s end then stops them', () => {
    const deferred = new Deferred<number>();
    asCompleted([deferred.future]).subscribe().unsubscribe();
    deferred.future.pipe(chain((n) => n)).cancel();
    expect(deferred.future.state).toBe('cancelled');
  });

  it('may be left inside next', () => {
    const seen: string[] = [];
    asCompleted([Future.resolve('a'), Future.resolve('b')])
      .pipe(take(1))
      .subscribe((outcome) => seen.push(show(outcome)));
    expect(seen).toEqual(['fulfilled a']);
  });

  it('tells a reader of everything that settled while it was busy', async () => {
    const deferreds = Array.from({ length: 3 }, () => new Deferred<number>());
    const iterator = asCompleted(deferreds.map(({ future }) => future))[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const [i, deferred] of [...deferreds.entries()].reverse()) deferred.resolve(i);
    const seen = [await first, await iterator.next(), await iterator.next()].map(({ value }) => show(value));
    expect(seen).toEqual(['fulfilled 2', 'fulfilled 1', 'fulfilled 0']);
    expect((await iterator.next()).done).toBe(true);
  });

  it('ends as its first failure does where values() follows', () => {
    const onError = vi.fn();
    const seen: unknown[] = [];
    asCompleted([Future.resolve(1), Future.reject(failure), Future.resolve(2)])
      .pipe(values())
      .subscribe({ next: (value) => seen.push(value), error: onError });
    expect([seen, onError.mock.calls]).toEqual([[1], [[failure]]]);
  });
});

describe('the timeout of asCompleted', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('ends it with a TimeoutError that counts, and cancels nothing', () => {
    const deferreds = Array.from({ length: 4 }, () => new Deferred<string>());
    const onError = vi.fn();
    asCompleted(
      deferreds.map(({ future }) => future),
      { timeout: 50 },
    ).subscribe({ error: onError });
    deferreds[0]!.resolve('a');
    deferreds[2]!.reject(failure);
    vi.advanceTimersByTime(49);
    expect(onError).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls[0]![0]).toBeInstanceOf(TimeoutError);
    expect(onError.mock.calls[0]![0].message).toBe('2 (of 4) futures unfinished');
    expect([deferreds[1]!.future.state, deferreds[3]!.future.state]).toEqual(['pending', 'pending']);
  });

  it('counts distinct futures', () => {
    const { future } = new Deferred<number>();
    const seen = watch(asCompleted([future, future], { timeout: 50 }));
    vi.advanceTimersByTime(50);
    expect(seen).toEqual(['TimeoutError: 1 (of 1) futures unfinished']);
  });

  it('runs from the subscription, for each anew', () => {
    const stream = asCompleted([new Deferred<number>().future], { timeout: 50 });
    vi.advanceTimersByTime(1_000);
    const seen = watch(stream);
    vi.advanceTimersByTime(30);
    const late = watch(stream);
    vi.advanceTimersByTime(20);
    expect([seen.length, late.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(30);
    expect(late).toEqual(['TimeoutError: 1 (of 1) futures unfinished']);
  });

  it('comes to a reader after what had settled', async () => {
    const stream = asCompleted([Future.resolve('a'), Future.resolve('b'), new Deferred<string>().future], {
      timeout: 50,
    });
    const iterator = stream[Symbol.asyncIterator]();
    expect(show((await iterator.next()).value)).toBe('fulfilled a');
    vi.advanceTimersByTime(50);
    expect(show((await iterator.next()).value)).toBe('fulfilled b');
    await expect(iterator.next()).rejects.toThrow('1 (of 3) futures unfinished');
  });

  it.each<[string, () => unknown]>([
    ['all have settled', () => watch(asCompleted([Future.resolve(1)], { timeout: 50 }))],
    ['it is left', () => asCompleted([new Deferred().future], { timeout: 50 }).subscribe().unsubscribe()],
    ['the input fails', () => watch(asCompleted([5 as never].values(), { timeout: 50 }))],
  ])('keeps no timer once %s', (_name, run) => {
    run();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])('of %d ms is as good as none', (timeout) => {
    const seen = watch(asCompleted([new Deferred().future], { timeout }));
    vi.advanceTimersByTime(1_000_000);
    expect(seen).toEqual([]);
  });
});

describe('wrong arguments of asCompleted', () => {
  it.each([-1, Number.NaN, '5', null])('are refused at the call: a timeout of %s', (timeout) => {
    expect(() => asCompleted([], { timeout: timeout as never })).toThrow(
      /^asCompleted\(\): timeout: expected a number of ms/,
    );
  });

  it.each([0, -1, 1.5, Number.NaN, '2'])('are refused at the call: a concurrency of %s', (concurrency) => {
    expect(() => asCompleted([], { concurrency: concurrency as never })).toThrow(
      /^asCompleted\(\): concurrency: expected an integer, 1 or more, or Infinity, got/,
    );
  });

  it.each([5, null, undefined, 'text', {}, Promise.resolve([])])(
    'are refused at the call: %s for an input',
    (input) => {
      expect(() => asCompleted(input as never)).toThrow(
        /^asCompleted\(\): expected an iterable, an async iterable or an Observable of Futures, got/,
      );
    },
  );

  it.each([[[1]], [new Set([Future.resolve(1), 1])]])(
    'are refused at the call, if a list or a Set holds no Future: %o',
    (list) => {
      expect(() => asCompleted(list as never)).toThrow(/^asCompleted\(\): item [01]: expected a Future, got 1\./);
    },
  );

  it('end the stream of a lazy input with a TypeError that names the item', () => {
    const seen = watch(asCompleted([Future.resolve('a'), 5 as never, Future.resolve('b')].values()));
    expect(seen[0]).toBe('fulfilled a');
    expect(seen[1]).toMatch(/^TypeError: asCompleted\(\): item 1: expected a Future, got 5\./);
    expect(seen).toHaveLength(2);
  });

  it('are named with what makes a Future of a promise', () => {
    expect(() => asCompleted([Promise.resolve(1) as never])).toThrow(
      'expected a Future, got a Promise. Future.from(promise) makes one of it.',
    );
  });
});

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const item of stream) seen.push(item);
  return seen;
}
