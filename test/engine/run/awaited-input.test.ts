/**
 * Inputs of `map` that are promises, thenables or futures. Each is awaited and counts as an input
 * in flight.
 */
import { Deferred, Future, type Outcome } from 'rx-futures';
import { lastValueFrom, type Observable, Subject, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { show } from '../../support/ended.js';
import { open } from '../../support/open.js';

const error = new RangeError('lost');
const timeSlice = () => new Promise<void>((resolve) => setImmediate(resolve));
const all = <T>(stream: Observable<T>) => lastValueFrom(stream.pipe(toArray()));

/** Returns the unhandled rejections during `run` and in the turns after it. */
async function unhandledIn(run: () => Promise<unknown>): Promise<unknown[]> {
  const unhandled: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  const listener = (reason: unknown) => unhandled.push(reason);
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', listener);
  try {
    await run();
    for (let i = 0; i < 3; i++) await timeSlice();
  } finally {
    process.off('unhandledRejection', listener);
    for (const each of listeners) process.on('unhandledRejection', each);
  }
  return unhandled;
}

describe('an input that is a promise or a Future', () => {
  it.each([true, false])(
    'an input that is a promise or a Future is awaited, and results keep their order (ordered: %s)',
    async (ordered) => {
      await using executor = open('streams.js');
      const slow = new Deferred<number>();
      const thenable = { then: (resolve: (value: number) => void) => resolve(3) };
      const inputs = [slow.future, Promise.resolve(2), thenable as never, 4, Future.resolve(5)];
      const seen: number[] = [];
      const end = executor.map('double', inputs, { ordered }).forEach((value) => {
        seen.push(value);
        if (seen.length === 4) slow.resolve(1);
      });
      if (ordered) {
        await timeSlice();
        slow.resolve(1);
      }
      await end;
      expect(ordered ? seen : seen.toSorted((a, b) => a - b)).toEqual([2, 4, 6, 8, 10]);
      if (!ordered) expect(seen.at(-1)).toBe(2);
    },
  );

  it('a promise or a Future is awaited from every kind of input', async () => {
    await using executor = open('streams.js');
    const promises = () => [1, 2, 3].map((n) => Promise.resolve(n));
    const later = {
      [Symbol.asyncIterator]: () => {
        const iterator = promises()[Symbol.iterator]();
        return { next: async () => iterator.next() };
      },
    };
    const source = new Subject<Promise<number>>();
    const ofSource = all(executor.map('double', source, { concurrency: 1 }));
    for (const promise of promises()) source.next(promise);
    source.complete();
    expect(await ofSource).toEqual([2, 4, 6]);
    for (const inputs of [promises(), new Set(promises()), later, promises().values()])
      expect(await all(executor.map('double', inputs))).toEqual([2, 4, 6]);
  });

  it('an awaited input counts as an input in flight', async () => {
    await using executor = open('streams.js');
    const pending: Deferred<number>[] = [];
    function* inputs() {
      for (let i = 0; i < 10; i++) {
        pending.push(new Deferred<number>());
        yield pending[i]!.future.result();
      }
    }
    const end = all(executor.map('double', inputs(), { concurrency: 3 }));
    for (let i = 0; i < 10; i++) {
      while (pending.length <= i) await timeSlice();
      await timeSlice();
      expect(pending.length).toBeLessThanOrEqual(i + 3);
      pending[i]!.resolve(i);
    }
    expect(await end).toHaveLength(10);
  });

  it('a map reads `then` of an input once', async () => {
    await using executor = open('streams.js');
    const read = vi.fn();
    const thenable = {
      get then() {
        read();
        return (resolve: (value: number) => void) => resolve(1);
      },
    };
    expect(await all(executor.map('double', [thenable as never]))).toEqual([2]);
    expect(read).toHaveBeenCalledTimes(1);
  });
});

describe('an input that is rejected', () => {
  const odd: readonly [string, () => unknown, string][] = [
    ['a promise', () => Promise.reject(error), 'rejected RangeError: lost'],
    ['a future', () => Future.reject(error), 'rejected RangeError: lost'],
    ['a thenable that throws', () => ({ then: raise }), 'rejected RangeError: lost'],
    [
      'an object whose `then` throws when it is read',
      () => Object.defineProperty({}, 'then', { get: raise }),
      'rejected RangeError: lost',
    ],
    ['a future that was cancelled', cancelled, 'cancelled enough'],
  ];

  it.each(odd)('a rejected input becomes the Outcome of its item with settle: %s', async (_, make, expected) => {
    await using executor = open('streams.js');
    const unhandled = await unhandledIn(async () => {
      const outcomes = await all(executor.map('double', [1, make() as never, 3], { settle: true }));
      expect(outcomes.map((outcome: Outcome<number>) => show(outcome))).toEqual([
        'fulfilled 2',
        expected,
        'fulfilled 6',
      ]);
    });
    expect(unhandled).toEqual([]);
  });

  it.each(odd.slice(0, 4))('a rejected input ends the map after the results before it: %s', async (_, make) => {
    await using executor = open('streams.js');
    const seen: unknown[] = [];
    const unhandled = await unhandledIn(async () => {
      const end = executor.map('double', [1, make() as never, 3]).forEach((value) => void seen.push(value));
      await expect(end).rejects.toBe(error);
    });
    expect([seen, unhandled]).toEqual([[2], []]);
  });

  it('a rejected input causes no unhandled rejection before the map reaches it or after the map has ended', async () => {
    const unobserved = vi.fn();
    await using executor = open('streams.js', { onUnobservedError: unobserved });
    const unhandled = await unhandledIn(async () => {
      const gate = new Deferred<number>();
      const rejected = Array.from({ length: 20 }, () => Promise.reject(error));
      const outcomes = all(executor.map('double', [gate.future, ...rejected], { settle: true, concurrency: 1 }));
      await timeSlice();
      gate.resolve(1);
      expect(await outcomes).toHaveLength(21);

      const source = new Subject<Promise<number>>();
      const failed = all(executor.map('double', source, { concurrency: 1 }));
      for (let i = 0; i < 20; i++) source.next(Promise.reject(error));
      await expect(failed).rejects.toBe(error);

      const left = executor.map('double', source, { concurrency: 1 }).subscribe();
      for (let i = 0; i < 20; i++) source.next(Promise.reject(error));
      left.unsubscribe();
    });
    expect(unhandled).toEqual([]);
    expect(unobserved).not.toHaveBeenCalled();
  });
});

it('a map that is left while an input is pending submits nothing for the input', async () => {
  await using executor = open('streams.js');
  const input = new Deferred<number>();
  const subscription = executor.map('double', [input.future.result()]).subscribe();
  subscription.unsubscribe();
  input.resolve(1);
  await timeSlice();
  expect(executor.stats().pending).toBe(0);
});

function raise(): never {
  throw error;
}

function cancelled(): Future<number> {
  const deferred = new Deferred<number>();
  deferred.cancel('enough');
  return deferred.future;
}
