import { asCompleted, chain, Deferred, Future, ResultStream, TimeoutError, values } from 'rx-futures';
import { take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cancelledFuture, failure, show, watch } from '../support/ended.js';

describe('asCompleted', () => {
  it('asCompleted emits settled futures first, in the order of the input, then the others as they settle', () => {
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

  it('asCompleted emits each distinct future once', () => {
    const deferred = new Deferred<string>();
    const settled = Future.resolve('settled');
    const seen = watch(asCompleted([deferred.future, settled, deferred.future, settled]));
    deferred.resolve('a');
    expect(seen).toEqual(['fulfilled settled', 'fulfilled a', 'complete']);
  });

  it('each outcome contains its future', async () => {
    const future = Future.resolve(1);
    const outcomes = await read(asCompleted([future]));
    expect(outcomes[0]!.future).toBe(future);
  });

  it('failures never end the stream, even if every future fails', () => {
    const seen = watch(asCompleted([Future.reject(failure), cancelledFuture(), Future.reject(failure)]));
    expect(seen).toEqual(['rejected Error: lost', 'cancelled enough', 'rejected Error: lost', 'complete']);
  });

  it('asCompleted completes at once if there are no futures', async () => {
    expect(watch(asCompleted([]))).toEqual(['complete']);
    expect(await read(asCompleted([]))).toEqual([]);
  });

  it('asCompleted returns a ResultStream that reads the input again for each subscriber and each reader', async () => {
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

  it('a subscriber or reader that leaves cancels no future', async () => {
    const deferreds = [new Deferred<number>(), new Deferred<number>()];
    const stream = asCompleted([Future.resolve(0), ...deferreds.map(({ future }) => future)]);
    stream.subscribe().unsubscribe();
    stream.pipe(take(1)).subscribe();
    for await (const _ of stream) break;
    expect(deferreds.map(({ future }) => future.state)).toEqual(['pending', 'pending']);
  });

  it('a stream that was left no longer uses the futures, so cancelling the end of a chain cancels them', () => {
    const deferred = new Deferred<number>();
    asCompleted([deferred.future]).subscribe().unsubscribe();
    deferred.future.pipe(chain((n) => n)).cancel();
    expect(deferred.future.state).toBe('cancelled');
  });

  it('a subscriber can unsubscribe inside next', () => {
    const seen: string[] = [];
    asCompleted([Future.resolve('a'), Future.resolve('b')])
      .pipe(take(1))
      .subscribe((outcome) => seen.push(show(outcome)));
    expect(seen).toEqual(['fulfilled a']);
  });

  it('a busy reader receives every outcome that settled meanwhile', async () => {
    const deferreds = Array.from({ length: 3 }, () => new Deferred<number>());
    const iterator = asCompleted(deferreds.map(({ future }) => future))[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const [i, deferred] of [...deferreds.entries()].reverse()) deferred.resolve(i);
    const seen = [await first, await iterator.next(), await iterator.next()].map(({ value }) => show(value));
    expect(seen).toEqual(['fulfilled 2', 'fulfilled 1', 'fulfilled 0']);
    expect((await iterator.next()).done).toBe(true);
  });

  it('asCompleted with values() ends with the first failure', () => {
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

  it('the timeout ends the stream with a TimeoutError that counts the pending futures, and cancels nothing', () => {
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
    expect(onError.mock.calls[0]![0].message).toBe(
      'asCompleted(): 2 of 4 futures had not settled after 50 ms. Increase the option "timeout", or cancel these futures.',
    );
    expect([deferreds[1]!.future.state, deferreds[3]!.future.state]).toEqual(['pending', 'pending']);
  });

  it('the TimeoutError counts distinct futures', () => {
    const { future } = new Deferred<number>();
    const seen = watch(asCompleted([future, future], { timeout: 50 }));
    vi.advanceTimersByTime(50);
    expect(seen).toEqual([expect.stringContaining('TimeoutError: asCompleted(): 1 of 1 futures')]);
  });

  it('the timeout starts at each subscription', () => {
    const stream = asCompleted([new Deferred<number>().future], { timeout: 50 });
    vi.advanceTimersByTime(1_000);
    const seen = watch(stream);
    vi.advanceTimersByTime(30);
    const late = watch(stream);
    vi.advanceTimersByTime(20);
    expect([seen.length, late.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(30);
    expect(late).toEqual([expect.stringContaining('TimeoutError: asCompleted(): 1 of 1 futures')]);
  });

  it('a reader receives the settled outcomes before the TimeoutError', async () => {
    const stream = asCompleted([Future.resolve('a'), Future.resolve('b'), new Deferred<string>().future], {
      timeout: 50,
    });
    const iterator = stream[Symbol.asyncIterator]();
    expect(show((await iterator.next()).value)).toBe('fulfilled a');
    vi.advanceTimersByTime(50);
    expect(show((await iterator.next()).value)).toBe('fulfilled b');
    await expect(iterator.next()).rejects.toThrow('1 of 3 futures had not settled after 50 ms');
  });

  it.each<[string, () => unknown]>([
    ['all have settled', () => watch(asCompleted([Future.resolve(1)], { timeout: 50 }))],
    ['it is left', () => asCompleted([new Deferred().future], { timeout: 50 }).subscribe().unsubscribe()],
    ['the input fails', () => watch(asCompleted([5 as never].values(), { timeout: 50 }))],
  ])('no timer remains when %s', (_name, run) => {
    run();
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each([Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER])('a timeout of %d ms never expires', (timeout) => {
    const seen = watch(asCompleted([new Deferred().future], { timeout }));
    vi.advanceTimersByTime(1_000_000);
    expect(seen).toEqual([]);
  });
});

describe('wrong arguments of asCompleted', () => {
  it.each([-1, Number.NaN, '5', null])('asCompleted throws at the call for a timeout of %s', (timeout) => {
    expect(() => asCompleted([], { timeout: timeout as never })).toThrow(
      /^asCompleted\(\): option "timeout": expected a number of ms/,
    );
  });

  it.each([0, -1, 1.5, Number.NaN, '2'])('asCompleted throws at the call for a concurrency of %s', (concurrency) => {
    expect(() => asCompleted([], { concurrency: concurrency as never })).toThrow(
      /^asCompleted\(\): option "concurrency": expected an integer, 1 or more, or Infinity, got/,
    );
  });

  it.each([5, null, undefined, 'text', {}, Promise.resolve([])])(
    'asCompleted throws at the call for the input %s',
    (input) => {
      expect(() => asCompleted(input as never)).toThrow(
        /^asCompleted\(\): expected an iterable, an async iterable or an Observable of Futures, got/,
      );
    },
  );

  it.each([[[1]], [new Set([Future.resolve(1), 1])]])(
    'asCompleted throws at the call for an array or a Set with an item that is not a Future: %o',
    (list) => {
      expect(() => asCompleted(list as never)).toThrow(/^asCompleted\(\): item [01]: expected a Future, got 1\./);
    },
  );

  it('a wrong item of a lazy input ends the stream with a TypeError that names the item', () => {
    const seen = watch(asCompleted([Future.resolve('a'), 5 as never, Future.resolve('b')].values()));
    expect(seen[0]).toBe('fulfilled a');
    expect(seen[1]).toMatch(/^TypeError: asCompleted\(\): item 1: expected a Future, got 5\./);
    expect(seen).toHaveLength(2);
  });

  it('the error for a promise says how to convert it to a Future', () => {
    expect(() => asCompleted([Promise.resolve(1) as never])).toThrow(
      'expected a Future, got a Promise. Convert the promise with Future.from(promise).',
    );
  });
});

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const seen: T[] = [];
  for await (const item of stream) seen.push(item);
  return seen;
}
