import { asCompleted, Deferred, Future } from 'rx-futures';
import { Observable, Subject, take } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { failure, show, watch } from '../support/ended.js';

describe('asCompleted of a generator', () => {
  it('asCompleted reads as many futures as concurrency allows, and one more for each that settles', () => {
    const { deferreds, submit } = submitter();
    const seen = watch(asCompleted(submit(5), { concurrency: 2 }));
    expect(deferreds).toHaveLength(2);
    deferreds[1]!.resolve('b');
    expect([seen, deferreds.length]).toEqual([['fulfilled b'], 3]);
    for (let i = 0; i < deferreds.length; i++) deferreds[i]!.resolve(String(i));
    expect(deferreds).toHaveLength(5);
    expect(seen).toEqual(['fulfilled b', 'fulfilled 0', 'fulfilled 2', 'fulfilled 3', 'fulfilled 4', 'complete']);
  });

  it('asCompleted reads all futures at once by default', () => {
    const { deferreds, submit } = submitter();
    watch(asCompleted(submit(5)));
    expect(deferreds).toHaveLength(5);
  });

  it('asCompleted reads only as many futures as its reader has room for', async () => {
    const { deferreds, submit } = submitter();
    const iterator = asCompleted(submit(100), { concurrency: 2 })[Symbol.asyncIterator]();
    const first = iterator.next();
    for (const deferred of deferreds) deferred.resolve('x');
    expect(deferreds, 'two in hand: one read, one that waits to be read, one that runs').toHaveLength(3);
    await first;
    await iterator.next();
    expect(deferreds).toHaveLength(4);
    await iterator.return!();
  });

  it('reading overlaps with submitting: an outcome is read before the second next future is submitted', async () => {
    const log: string[] = [];
    function* submitting() {
      for (let i = 1; i <= 4; i++) {
        log.push(`submit ${i}`);
        yield Future.resolve(i);
      }
    }
    for await (const outcome of asCompleted(submitting(), { concurrency: 1 })) {
      log.push(`read ${outcome.status === 'fulfilled' && outcome.value}`);
    }
    for (const i of [1, 2]) expect(log.indexOf(`read ${i}`)).toBeLessThan(log.indexOf(`submit ${i + 2}`));
    expect(log.filter((entry) => entry.startsWith('read'))).toEqual(['read 1', 'read 2', 'read 3', 'read 4']);
  });

  it('asCompleted reads 100,000 settled futures without a deep stack', () => {
    function* settled() {
      for (let i = 0; i < 100_000; i++) yield Future.resolve(i);
    }
    let count = 0;
    asCompleted(settled(), { concurrency: 1 }).subscribe(() => count++);
    expect(count).toBe(100_000);
  });

  it("asCompleted calls the generator's return if the reader breaks, a subscriber leaves, or an item is wrong", async () => {
    const returned = vi.fn();
    function* endless(first?: unknown) {
      try {
        if (first !== undefined) yield first as Future<number>;
        while (true) yield Future.resolve(1);
      } finally {
        returned();
      }
    }
    for await (const _ of asCompleted(endless(), { concurrency: 2 })) break;
    expect(returned).toHaveBeenCalledTimes(1);
    asCompleted(endless(new Deferred().future), { concurrency: 1 }).subscribe().unsubscribe();
    expect(returned).toHaveBeenCalledTimes(2);
    watch(asCompleted(endless('wrong')));
    expect(returned).toHaveBeenCalledTimes(3);
  });

  it('asCompleted does not call return if the iterator has ended by itself', async () => {
    const iterator = { next: () => ({ done: true as const, value: undefined }), return: vi.fn() };
    for await (const _ of asCompleted({ [Symbol.iterator]: () => iterator }));
    expect(iterator.return).not.toHaveBeenCalled();
  });

  it('asCompleted ends with the error that the generator throws', () => {
    function* broken() {
      yield Future.resolve('a');
      throw failure;
    }
    expect(watch(asCompleted(broken()))).toEqual(['fulfilled a', 'Error: lost']);
  });
});

describe('asCompleted of an Observable', () => {
  it('asCompleted emits outcomes as futures settle, and completes when the Observable and all futures are done', () => {
    const input = new Subject<Future<string>>();
    const seen = watch(asCompleted(input));
    const deferred = new Deferred<string>();
    input.next(deferred.future);
    input.next(Future.resolve('b'));
    expect(seen).toEqual(['fulfilled b']);
    input.complete();
    expect(seen).toHaveLength(1);
    deferred.resolve('a');
    expect(seen).toEqual(['fulfilled b', 'fulfilled a', 'complete']);
  });

  it('an error of the Observable ends the stream, cancels nothing, and no outcome is emitted after it', () => {
    const input = new Subject<Future<string>>();
    const deferred = new Deferred<string>();
    const seen = watch(asCompleted(input));
    input.next(deferred.future);
    input.error(failure);
    deferred.resolve('late');
    expect(seen).toEqual(['Error: lost']);
    expect(deferred.future.state).toBe('fulfilled');
  });

  it('asCompleted unsubscribes from the Observable when its reader leaves', async () => {
    const input = new Subject<Future<string>>();
    const subscription = asCompleted(input).subscribe();
    const iterator = asCompleted(input)[Symbol.asyncIterator]();
    const read = iterator.next();
    expect(input.observed).toBe(true);
    subscription.unsubscribe();
    await iterator.return!();
    expect([input.observed, await read]).toEqual([false, { done: true, value: undefined }]);
  });

  it('asCompleted unsubscribes from the Observable at a wrong item, emitted at once or later', () => {
    const left = vi.fn();
    const atOnce = new Observable<never>((subscriber) => {
      subscriber.next(5 as never);
      return left;
    });
    expect(watch(asCompleted(atOnce))[0]).toMatch(/^TypeError: asCompleted\(\): item 0: expected a Future, got 5/);
    expect(left).toHaveBeenCalledTimes(1);
    const later = new Subject<never>();
    watch(asCompleted(later));
    later.next(5 as never);
    expect(later.observed).toBe(false);
  });

  it('an Observable that emits without end stops when the reader leaves', () => {
    let emitted = 0;
    const endless = new Observable<Future<number>>((subscriber) => {
      while (!subscriber.closed && emitted < 1_000) subscriber.next(Future.resolve(emitted++));
    });
    asCompleted(endless).pipe(take(1)).subscribe();
    expect(emitted).toBeLessThan(10);
  });
});

describe('asCompleted of an async iterable', () => {
  it('asCompleted reads the futures of an async iterator, as many as concurrency allows', async () => {
    const { deferreds, submit } = submitter();
    const iterator = submit(3);
    const input = { [Symbol.asyncIterator]: () => ({ next: async () => iterator.next() }) };
    const reader = asCompleted(input, { concurrency: 1 })[Symbol.asyncIterator]();
    for (const value of ['a', 'b', 'c']) {
      const read = reader.next();
      await vi.waitUntil(() => deferreds.at(-1)?.future.isSettled === false, { interval: 1 });
      deferreds.at(-1)!.resolve(value);
      expect(show((await read).value)).toBe(`fulfilled ${value}`);
    }
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  it("asCompleted calls the iterator's return when the reader breaks", async () => {
    const iterator = { next: async () => ({ done: false, value: Future.resolve(1) }), return: vi.fn(async () => ({})) };
    for await (const _ of asCompleted({ [Symbol.asyncIterator]: () => iterator as never }, { concurrency: 1 })) break;
    expect(iterator.return).toHaveBeenCalledTimes(1);
  });

  it('asCompleted ends with the reason that next rejects with', async () => {
    const input = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(failure) }) };
    await expect(asCompleted(input)[Symbol.asyncIterator]().next()).rejects.toBe(failure);
  });

  it('an async generator ends the stream with a TypeError that says why, and what to use instead', async () => {
    async function* generator() {
      yield Future.resolve(1);
    }
    await expect(
      asCompleted(generator() as never)
        [Symbol.asyncIterator]()
        .next(),
    ).rejects.toThrow(
      "asCompleted(): item 0: expected a Future, got 1. An async generator can't yield Futures, because its yield awaits them. Use a synchronous generator with the concurrency option, or an Observable.",
    );
  });
});

/** Returns a generator that submits. The futures that it yields are those of `deferreds`. */
function submitter() {
  const deferreds: Deferred<string>[] = [];
  function* submit(count: number) {
    for (let i = 0; i < count; i++) {
      const deferred = new Deferred<string>();
      deferreds.push(deferred);
      yield deferred.future;
    }
  }
  return { deferreds, submit };
}
