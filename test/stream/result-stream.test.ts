import { Observable, take } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { type Production, ResultStream, type Sink } from '../../src/stream/result-stream.js';
import { collect } from '../support/collect.js';
import { failure } from '../support/ended.js';

describe('a ResultStream as an Observable', () => {
  it('a ResultStream is an Observable, and starts a run for each subscriber', () => {
    const { stream, runs } = source<number>();
    expect(stream).toBeInstanceOf(Observable);
    expect(runs).toHaveLength(0);
    const seen = [collect(stream), collect(stream)];
    expect(runs).toHaveLength(2);
    runs[0]!.sink.next(1);
    runs[1]!.sink.next(2);
    runs[1]!.sink.complete();
    expect(seen).toEqual([['next 1'], ['next 2', 'complete']]);
  });

  it('the run stops when its subscriber leaves, and when it has ended', () => {
    const { stream, runs } = source<number>();
    stream.subscribe().unsubscribe();
    collect(stream);
    runs[1]!.sink.error(failure);
    collect(stream.pipe(take(1)));
    runs[2]!.sink.next(1);
    expect(runs.map(({ stop, sink }) => [stop.mock.calls.length, sink.isClosed])).toEqual([
      [1, true],
      [1, true],
      [1, true],
    ]);
  });

  it('a run for a subscriber never buffers, because a subscriber receives values at once', () => {
    const { stream, runs } = source<number>();
    stream.subscribe();
    runs[0]!.sink.next(1);
    expect(runs[0]!.sink.buffered).toBe(0);
  });
});

describe('the total of a ResultStream', () => {
  it('each subscription receives the total of its own run', () => {
    const { stream, runs } = source<number>();
    const told: number[][] = [[], []];
    for (const totals of told) stream._expecting((total) => totals.push(total)).subscribe();
    runs[0]!.sink.expect?.(2);
    runs[1]!.sink.expect?.(5);
    runs[1]!.sink.expect?.(6);
    expect(told).toEqual([[2], [5, 6]]);
  });

  it('the producer does not count if no subscriber asks for the total', () => {
    const { stream, runs } = source<number>();
    stream.subscribe();
    void stream[Symbol.asyncIterator]().next();
    expect(runs.map(({ sink }) => sink.expect)).toEqual([undefined, undefined]);
  });
});

describe('a ResultStream as an async iterable', () => {
  it('a run starts with the first next, and each iteration has its own run', async () => {
    const { stream, runs } = source<number>();
    const iterators = [stream[Symbol.asyncIterator](), stream[Symbol.asyncIterator]()];
    expect(runs).toHaveLength(0);
    const reads = iterators.map((iterator) => iterator.next());
    expect(runs).toHaveLength(2);
    for (const [i, { sink }] of runs.entries()) sink.next(i);
    expect(await Promise.all(reads)).toEqual([
      { done: false, value: 0 },
      { done: false, value: 1 },
    ]);
  });

  it('an iterator returns the values in order, then done, and done again', async () => {
    const { stream } = source<number>(({ sink }) => {
      sink.next(1);
      sink.next(2);
      sink.complete();
      sink.next(3);
    });
    const iterator = stream[Symbol.asyncIterator]();
    const reads = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    expect(await Promise.all(reads)).toEqual([{ done: false, value: 1 }, { done: false, value: 2 }, end, end]);
  });

  it('an iterator returns the values before an error, then the error, then done', async () => {
    const { stream } = source<number>(({ sink }) => {
      sink.next(1);
      sink.error(failure);
    });
    const iterator = stream[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await expect(iterator.next()).rejects.toBe(failure);
    expect(await iterator.next()).toEqual(end);
  });

  it('waiting readers receive values in the order of their requests, and the end reaches all of them', async () => {
    const { stream, runs } = source<string>();
    const iterator = stream[Symbol.asyncIterator]();
    const reads = [iterator.next(), iterator.next(), iterator.next()];
    runs[0]!.sink.next('first');
    runs[0]!.sink.error(failure);
    expect(await Promise.allSettled(reads)).toEqual([
      { status: 'fulfilled', value: { done: false, value: 'first' } },
      { status: 'rejected', reason: failure },
      { status: 'fulfilled', value: end },
    ]);
  });

  it('undefined is a valid value, also when unread values are dropped', async () => {
    const { stream, runs } = source<number | undefined>(({ sink }) => {
      for (const value of [undefined, 1, undefined, 2]) sink.next(value);
    });
    const iterator = stream[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: undefined });
    await iterator.return!();
    expect(runs[0]!.sink.buffered).toBe(0);
    expect(await iterator.next()).toEqual(end);
  });

  it('the producer sees how many values are buffered, and is notified of each read', async () => {
    const { stream, runs } = source<number>(({ sink }) => {
      sink.next(1);
      sink.next(2);
    });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const [{ sink, valueRead }] = runs as [Run<number>];
    expect([sink.buffered, valueRead.mock.calls.length]).toEqual([1, 1]);
    await iterator.next();
    expect([sink.buffered, valueRead.mock.calls.length]).toEqual([0, 2]);
    void iterator.next();
    expect(valueRead, 'a reader that waits is room too').toHaveBeenCalledTimes(3);
  });

  it('a break, a throw and the end of a for await each stop the run once', async () => {
    const { stream, runs } = source<number>(({ sink }) => {
      sink.next(1);
      sink.complete();
    });
    for await (const _ of stream) break;
    await expect(failOnFirst(stream)).rejects.toBe(failure);
    for await (const _ of stream);
    expect(runs.map(({ stop }) => stop.mock.calls.length)).toEqual([1, 1, 1]);
  });

  it('a run stops once, even if it is left several times', async () => {
    const { stream, runs } = source<number>();
    const iterator = stream[Symbol.asyncIterator]();
    const read = iterator.next();
    expect(await iterator.return!()).toEqual(end);
    await iterator.return!();
    runs[0]!.sink.complete();
    expect(await read, 'a reader that waited is let go').toEqual(end);
    expect(runs[0]!.stop).toHaveBeenCalledTimes(1);
    expect(runs[0]!.sink.isClosed).toBe(true);
  });

  it('a run never starts if the iterator is left before its first next', async () => {
    const { stream, runs } = source<number>();
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.return!();
    expect(await iterator.next()).toEqual(end);
    expect(runs).toHaveLength(0);
  });

  it('an iterator can be delegated to with yield*, which passes an argument to next', async () => {
    const { stream } = source<number>(({ sink }) => {
      sink.next(1);
      sink.next(2);
      sink.complete();
    });
    async function* handOn() {
      yield* stream;
    }
    const seen: number[] = [];
    for await (const value of handOn()) seen.push(value);
    expect(seen).toEqual([1, 2]);
    const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<number, unknown, unknown>;
    expect(await iterator.next('an argument')).toEqual({ done: false, value: 1 });
  });
});

const end = { done: true, value: undefined };

interface Run<T> {
  readonly sink: Sink<T>;
  readonly stop: ReturnType<typeof vi.fn<() => void>>;
  readonly valueRead: ReturnType<typeof vi.fn<(value: T | undefined) => void>>;
}

/** Returns a stream, and the runs that it has started, so that the test can drive them. */
function source<T>(begin: (run: Run<T>) => void = () => {}): { stream: ResultStream<T>; runs: Run<T>[] } {
  const runs: Run<T>[] = [];
  const stream = new ResultStream<T>((sink): Production<T> => {
    const run = { sink, stop: vi.fn<() => void>(), valueRead: vi.fn<(value: T | undefined) => void>() };
    runs.push(run);
    begin(run);
    return run;
  });
  return { stream, runs };
}

async function failOnFirst(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) throw failure;
}
