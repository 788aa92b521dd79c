/**
 * Streams of an executor with other readers: Node's streams, web streams, RxJS, and several readers
 * of one iterator.
 */
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { bufferCount, firstValueFrom, from, lastValueFrom, mergeMap, type Observable, of, toArray, zip } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/ended.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { until } from '../support/until.js';
import { waitingSources } from '../support/waiting-sources.js';

const upTo = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

describe('Readable.from(stream)', () => {
  it('a Readable reads every value, at its own pace', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, count } = executor.tasks;
    const readable = Readable.from(count.with({ highWaterMark: 4 }).stream(gate.cells, 50), { highWaterMark: 2 });
    const seen: number[] = [];
    for await (const value of readable) {
      seen.push(await add(value, 0));
      expect(gate.arrived - seen.length).toBeLessThanOrEqual(4 + 2 + 1);
    }
    expect(seen).toEqual(upTo(50));
  });

  it('destroying the Readable cancels the task', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const readable = Readable.from(executor.tasks.untilLeft.stream(gate.cells));
    for await (const _ of readable) break;
    await gate.arrivals();
    expect(readable.destroyed).toBe(true);
  });

  it("the Readable fails with the stream's error, after its values", async () => {
    await using executor = open('streams.js');
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const value of Readable.from(executor.tasks.yieldThenFail.stream('a', 'b'))) seen.push(value);
    })();
    await expect(reading).rejects.toMatchObject({ name: 'RangeError', given: 2 });
    expect(seen).toEqual(['a', 'b']);
  });
});

describe('pipeline of node:stream', () => {
  it('a pipeline accepts a stream as its source', async () => {
    await using executor = open('streams.js');
    const { writable, written } = sink();
    const half = new Transform({ objectMode: true, transform: (n: number, _, done) => done(null, n / 2) });
    await pipeline(executor.tasks.range.stream(100), half, writable);
    expect(written).toEqual(upTo(100).map((n) => n / 2));
  });

  it('a pipeline accepts the results of a map as its source', async () => {
    await using executor = open('streams.js');
    const { writable, written } = sink();
    await pipeline(executor.map('double', upTo(100)), writable);
    expect(written).toEqual(upTo(100).map((n) => 2 * n));
  });

  it('the stream is left when a later part of the pipeline fails', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const broken = new Writable({ objectMode: true, write: (_chunk, _encoding, done) => done(failure) });
    await expect(pipeline(executor.tasks.untilLeft.stream(gate.cells), broken)).rejects.toBe(failure);
    await gate.arrivals();
  });

  it("the pipeline fails with the stream's error", async () => {
    await using executor = open('streams.js');
    const { writable, written } = sink();
    await expect(pipeline(executor.tasks.yieldThenFail.stream(1, 2), writable)).rejects.toMatchObject({ given: 2 });
    expect(written).toEqual([1, 2]);
  });
});

describe('ReadableStream.from(stream)', () => {
  // Node has ReadableStream.from since 20.6.
  const make = (ReadableStream as unknown as { from<T>(source: AsyncIterable<T>): ReadableStream<T> }).from;

  it('a ReadableStream reads every value', async () => {
    await using executor = open('streams.js');
    const seen: number[] = [];
    for await (const value of make(executor.tasks.range.stream(100))) seen.push(value);
    expect(seen).toEqual(upTo(100));
  });

  it('cancelling the ReadableStream cancels the task', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const reader = make(executor.tasks.untilLeft.stream(gate.cells)).getReader();
    expect(await reader.read()).toEqual({ done: false, value: 1 });
    await reader.cancel();
    await gate.arrivals();
  });

  it('map reads a ReadableStream as its inputs, once', async () => {
    await using executor = open('streams.js');
    const web = make(executor.tasks.range.stream(5)) as AsyncIterable<number>;
    const doubled = executor.map('double', web);
    expect(await readAll(doubled)).toEqual([2, 4, 6, 8, 10]);
    const locked = make(executor.tasks.range.stream(5));
    locked.getReader();
    await expect(readAll(executor.map('double', locked as AsyncIterable<number>))).rejects.toThrow(/locked/);
  });
});

describe('a stream that is left while it waits for a value', () => {
  it.each(waitingSources)('a map that is left ends %s of its inputs', async (_, make) => {
    await using executor = open('streams.js');
    let left = 0;
    for await (const doubled of executor.map(
      'double',
      make(() => left++),
    )) {
      expect(doubled).toBe(2);
      break;
    }
    await until(() => left === 1);
  });

  it.each(['webUntilLeft', 'readableUntilLeft'] as const)('a worker ends the stream of the task %s', async (name) => {
    await using executor = open('streams.js');
    using gate = new Gate();
    for await (const value of executor.tasks[name].stream(gate.cells)) {
      expect(value).toBe(1);
      break;
    }
    await gate.arrivals();
  });
});

describe('RxJS and a stream', () => {
  it('from(stream) returns the stream itself', async () => {
    await using executor = open('streams.js');
    const stream = executor.tasks.range.stream(3);
    expect(from(stream)).toBe(stream);
  });

  it('RxJS operators accept streams: an inner stream, a zip of two, buffers', async () => {
    await using executor = open('streams.js');
    const { range } = executor.tasks;
    expect(await gather(of(1, 2, 3).pipe(mergeMap((to) => range.stream(to), 1)))).toEqual([1, 1, 2, 1, 2, 3]);
    expect(await gather(zip(range.stream(3), range.stream(9)))).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(await gather(range.stream(5).pipe(bufferCount(2)))).toEqual([[1, 2], [3, 4], [5]]);
    expect(await firstValueFrom(range.stream(5))).toBe(1);
  });
});

describe('several readers of one iterator', () => {
  it('readers can ask at the same time, and each receives the next value in the order of the requests', async () => {
    await using executor = open('streams.js');
    const iterator = executor.tasks.range.with({ highWaterMark: 2 }).stream(8)[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 10 }, () => iterator.next()));
    expect(results.map(({ value, done }) => (done ? 'end' : value))).toEqual([...upTo(8), 'end', 'end']);
  });

  it('readers can take turns, and a for await can be resumed', async () => {
    await using executor = open('streams.js');
    const iterator = executor.tasks.range.stream(5)[Symbol.asyncIterator]();
    const first = await iterator.next();
    const rest = await readAll(iterator);
    expect([first.value, rest]).toEqual([1, [2, 3, 4, 5]]);
  });

  it('several readers of one map share its results', async () => {
    await using executor = open('streams.js');
    const iterator = executor.map('double', upTo(5), { concurrency: 2 })[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 6 }, () => iterator.next()));
    expect(results.map(({ value }) => value)).toEqual([2, 4, 6, 8, 10, undefined]);
  });
});

async function readAll<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

function gather<T>(source: Observable<T>): Promise<T[]> {
  return lastValueFrom(source.pipe(toArray()));
}

function sink(): { readonly writable: Writable; readonly written: unknown[] } {
  const written: unknown[] = [];
  const writable = new Writable({
    objectMode: true,
    write(chunk, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  return { writable, written };
}
