/** A source of the caller, which a task reads: how far it is ahead, and how both ends leave. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as aTurn } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CallerFeed } from '../../../src/engine/inputs/caller-feed.js';
import type { FeedTarget } from '../../../src/engine/inputs/feed.js';
import { here } from '../../../src/platform/context.js';
import type { ToInput } from '../../../src/protocol/stream/messages.js';
import { decodeError } from '../../../src/protocol/wire-error.js';

/** Feeds a source to input 5 of a task. The log has the values, `end`, or the error. */
function feed(source: object, { values = 100, bytes = Number.POSITIVE_INFINITY } = {}) {
  const log: unknown[] = [];
  const cleanups: unknown[] = [];
  const worker = {
    postInput(message: ToInput) {
      if (message.type === 'input-values') log.push(...structuredClone(message.values));
      else if (message.type === 'input-ended') log.push(message.failure ? decodeError(message.failure) : 'end');
    },
  };
  const run = { name: 'sum', future: { id: 1 }, owner: { cleanupFailed: (error: unknown) => cleanups.push(error) } };
  const input = { source, position: 0, mark: { values, bytes }, context: here() };
  const feed = new CallerFeed({ run, input, worker, number: 5 } as unknown as FeedTarget);
  return { feed, log, cleanups };
}

/** Keeps the thread busy. */
function spin(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** A generator that records how many values were taken, and that it was left. */
function counted(to: number) {
  const seen = { taken: 0, isLeft: false };
  function* source() {
    try {
      while (seen.taken < to) yield ++seen.taken;
    } finally {
      seen.isLeft = true;
    }
  }
  return { seen, source: source() };
}

describe('a source of the caller', () => {
  it('a source that is ready is sent whole, and its end follows the values', () => {
    const { feed: one, log } = feed([1, 2, 3]);
    one.start();
    expect(log).toEqual([1, 2, 3, 'end']);
  });

  it('a source is asked for no more values than the highWaterMark, and for more when the task has read some', () => {
    const { seen, source } = counted(100);
    const { feed: one, log } = feed(source, { values: 4 });
    one.start();
    expect([seen.taken, log]).toEqual([4, [1, 2, 3, 4]]);
    one.granted(2);
    expect([seen.taken, log]).toEqual([6, [1, 2, 3, 4, 5, 6]]);
  });

  it('a source that takes long pauses after a time slice, and goes on in the next turn', async () => {
    const seen = { taken: 0 };
    function* slow() {
      while (seen.taken < 200) {
        spin(0.5);
        yield ++seen.taken;
      }
    }
    const { feed: one, log } = feed(slow(), { values: 1_000 });
    one.start();
    const taken = seen.taken;
    expect(taken).toBeLessThan(100);
    await aTurn();
    expect(seen.taken).toBeGreaterThan(taken);
    while (log.at(-1) !== 'end') await aTurn();
    expect(log).toHaveLength(201);
  });

  it('an Observable can’t wait, so its values are kept until the task has read others', () => {
    const subject = new Subject<number>();
    const { feed: one, log } = feed(subject, { values: 2 });
    one.start();
    for (const n of [1, 2, 3, 4]) subject.next(n);
    subject.complete();
    expect(log).toEqual([1, 2]);
    one.granted(2);
    expect(log).toEqual([1, 2, 3, 4, 'end']);
  });

  it('values that arrive in one turn are sent at its end', async () => {
    const subject = new Subject<number>();
    const { feed: one, log } = feed(subject);
    one.start();
    subject.next(1);
    subject.next(2);
    expect(log).toEqual([]);
    await aTurn();
    expect(log).toEqual([1, 2]);
  });

  it('the error of a source follows the values before it', async () => {
    async function* failing() {
      yield 1;
      throw new RangeError('lost');
    }
    const { feed: one, log } = feed(failing());
    one.start();
    while (log.length < 2) await aTurn();
    expect(log).toEqual([1, new RangeError('lost')]);
  });

  it('a source that can’t be opened fails at once', () => {
    const { feed: one, log } = feed({
      [Symbol.iterator]() {
        throw new RangeError('closed');
      },
    });
    one.start();
    expect(log).toEqual([new RangeError('closed')]);
  });

  it('an iterator that was read before fails at its second reader', () => {
    const source = [1].values();
    for (const expected of [[1, 'end'], [expect.any(TypeError)]]) {
      const { feed: one, log } = feed(source);
      one.start();
      expect(log).toEqual(expected);
    }
  });

  it('a value that can’t be sent leaves the source, and its error follows the values before it', () => {
    const { seen, source } = counted(2);
    const { feed: one, log } = feed(
      (function* () {
        yield* source;
        yield () => {};
        seen.taken = Number.NaN;
      })(),
    );
    one.start();
    expect(log.slice(0, 2)).toEqual([1, 2]);
    expect(log[2]).toMatchObject({ name: 'SerializationError' });
    expect(log).toHaveLength(3);
    expect(seen).toEqual({ taken: 2, isLeft: true });
  });

  it('a task that leaves ends the source once, and receives nothing after that', async () => {
    const { seen, source } = counted(100);
    const { feed: one, log } = feed(source, { values: 1 });
    one.start();
    one.leave();
    one.leave();
    one.granted(5);
    await aTurn();
    expect([log, seen]).toEqual([[1], { taken: 1, isLeft: true }]);
  });

  it('values that arrive after the task has left are dropped', async () => {
    const subject = new Subject<number>();
    const { feed: one, log } = feed(subject);
    one.start();
    subject.next(1);
    one.leave();
    subject.next(2);
    await aTurn();
    expect([log, subject.observed]).toEqual([[], false]);
  });

  it('an error of the cleanup is reported, because the task does not read any more', async () => {
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: () => Promise.reject(new RangeError('not closed')),
      }),
    };
    const { feed: one, log, cleanups } = feed(source);
    one.start();
    one.leave();
    while (cleanups.length === 0) await aTurn();
    expect([log, cleanups]).toEqual([[], [new RangeError('not closed')]]);
  });

  it('a source runs in the async context of the call', () => {
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    function* source() {
      seen.push(store.getStore());
      yield 1;
    }
    const { feed: one } = store.run('call', () => feed(source()));
    store.run('report of a worker', () => one.start());
    expect(seen).toEqual(['call']);
  });
});
