/** Streams where it matters how they share a worker, what they are given, and when their values leave. */
import {
  BrokenExecutorError,
  CancelledError,
  chain,
  Deferred,
  Executor,
  Future,
  pipeline,
  ResultStream,
  SerializationError,
  transfer,
} from 'rx-futures';
import { lastValueFrom, map, Observable, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { collect } from '../support/collect.js';
import { Gate } from '../support/gate.js';
import { fixture, open } from '../support/open.js';

describe('a stream', () => {
  it('is an Observable and an async iterable, in all ways to make one', async () => {
    await using executor = open('streams.js');
    const { range } = executor.tasks;
    const streams = [
      range.stream(3),
      executor.stream(range, 3),
      executor.stream('range', 3),
      executor.with({ priority: 1 }).stream('range', 3),
      executor.with({ priority: 1 }).tasks.range.stream(3),
      range.with({ highWaterMark: 1 }).stream(3),
      executor.stream(function* (to: number) {
        for (let i = 1; i <= to; i++) yield i;
      }, 3),
      pipeline(executor.tasks.add, range as never).stream(1, 2),
    ] as ResultStream<number>[];
    for (const stream of streams) {
      expect(stream).toBeInstanceOf(ResultStream);
      expect(stream).toBeInstanceOf(Observable);
      expect(await gather(stream)).toEqual([1, 2, 3]);
      expect(await read(stream)).toEqual([1, 2, 3]);
    }
  });

  it('goes through operators, chain among them', async () => {
    await using executor = open('streams.js');
    const { double, range } = executor.tasks;
    expect(
      await gather(
        range.stream(3).pipe(
          chain(double),
          map((n) => n + 1),
        ),
      ),
    ).toEqual([3, 5, 7]);
  });

  it('stays on one worker from its first value to its last', async () => {
    await using executor = open('streams.js', { maxWorkers: 2 });
    for await (const thread of executor.tasks.threads.with({ highWaterMark: 1 }).stream(20)) {
      expect(thread).toBeGreaterThan(0);
      await executor.tasks.double(1);
    }
    const { threads } = executor.tasks;
    expect(new Set(await read(threads.with({ highWaterMark: 1 }).stream(20))).size).toBe(1);
  });

  it('is told apart from a task that is not there', async () => {
    await using executor = open('streams.js');
    const stream = executor.stream('missing' as 'range', 3);
    await expect(read(stream)).rejects.toMatchObject({ name: 'TaskNotFoundError' });
  });

  it('of what is no task is refused at the call', () => {
    const executor = new Executor();
    expect(() => executor.stream(5 as never)).toThrow(TypeError);
    expect(() => executor.stream('range' as never)).toThrow(/no task module/);
    expect(() => executor.stream(open('streams.js').tasks.range as never, 3)).toThrow(/belongs to the executor/);
  });

  it('of a broken executor errors with what broke it', async () => {
    await using executor = new Executor<any>({ tasks: fixture('throws-on-import.js') });
    const first = executor.stream('anything');
    await expect(read(first)).rejects.toBeInstanceOf(BrokenExecutorError);
    for (const stream of [first, executor.map('anything', [1])]) {
      expect(collect(stream)).toEqual([expect.stringMatching(/^error BrokenExecutorError/)]);
      await expect(read(stream)).rejects.toBeInstanceOf(BrokenExecutorError);
    }
  });

  it('ends by its signal as it begins, where that has aborted before', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const bound = executor.with({ signal: AbortSignal.abort('too late') });
    const streams = [bound.stream('count', gate.cells), bound.map('linger', [gate.cells])];
    for (const stream of streams) {
      expect(collect(stream)).toEqual([expect.stringMatching(/^error CancelledError: .*too late/)]);
      await expect(read(stream as AsyncIterable<unknown>)).rejects.toMatchObject({ cause: 'too late' });
    }
    await executor.tasks.add(1, 1);
    expect(gate.arrived).toBe(0);
  });
});

describe('the arguments of a stream', () => {
  it('are taken when it is made, those beside futures too', async () => {
    await using executor = open('streams.js');
    const list = [1];
    const later = new Deferred<string>();
    const stream = executor.tasks.giveAll.stream(list, later.future);
    list.push(2);
    const reads = [read(stream), read(stream)];
    later.resolve('later');
    expect(await Promise.all(reads)).toEqual([
      [[1], 'later'],
      [[1], 'later'],
    ]);
    list.push(3);
    expect(await read(stream)).toEqual([[1], 'later']);
  });

  it('are waited for where they are futures, and end it as they end', async () => {
    await using executor = open('streams.js');
    const { double, range } = executor.tasks;
    expect(await read(range.stream(double(2)))).toEqual([1, 2, 3, 4]);
    await expect(read(range.stream(Future.reject(new RangeError('no number'))))).rejects.toThrow('no number');
    const cancelled = new Deferred<number>();
    cancelled.cancel('changed my mind');
    await expect(read(range.stream(cancelled.future))).rejects.toBeInstanceOf(CancelledError);
  });

  it('move to its first run, and to no other', async () => {
    await using executor = open('streams.js');
    const bytes = new Uint8Array([1, 2, 3]);
    const stream = executor.tasks.sumAndLength.stream(transfer(bytes));
    expect(bytes.byteLength).toBe(0);
    expect(await read(stream)).toEqual([6, 3]);
    const error = await read(stream).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(SerializationError);
    expect((error as Error).message).toMatch(/can't run again/);
  });

  it('that can not be sent end each run, and throw nothing at the call', async () => {
    await using executor = open('streams.js');
    const stream = executor.tasks.give.stream({ onClick: () => {} });
    for (let i = 0; i < 2; i++) await expect(read(stream)).rejects.toMatchObject({ path: 'arguments[0].onClick' });
  });
});

describe('a stream that waits for its reader', () => {
  it('leaves its place to a task that the reader waits for, whichever of them is older', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, count, range } = executor.tasks;
    const outer = range.with({ highWaterMark: 1 }).stream(5);
    let sum = 0;
    for await (const to of outer) {
      for await (const value of count.with({ highWaterMark: 1 }).stream(gate.cells, to)) sum = await add(sum, value);
    }
    expect(sum).toBe(1 + 3 + 6 + 10 + 15);
  });

  it('is no task that waits: maxQueue does not count it', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, maxQueue: 0 });
    const { double, range } = executor.tasks;
    const iterator = range.with({ highWaterMark: 2 }).stream(5)[Symbol.asyncIterator]();
    await iterator.next();
    // The word that it waits may still be on its way.
    const accepted = await vi.waitFor(() => double(4), { timeout: 5_000, interval: 1 });
    await iterator.return!();
    expect(accepted).toBe(8);
  });

  it('goes on where its worker is to be replaced', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, maxTasksPerWorker: 2 });
    const { range, whichThread } = executor.tasks;
    const iterator = range.with({ highWaterMark: 1 }).stream(5)[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(1);
    const threads = [await whichThread(), await whichThread(), await whichThread()];
    expect(new Set(threads).size).toBeGreaterThan(1);
    const rest: number[] = [];
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) rest.push(next.value);
    expect(rest).toEqual([2, 3, 4, 5]);
  });

  it('keeps the values that have come, and then its error, until they are read', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    const iterator = executor.tasks.giveThenExit.stream(1, 2, 3)[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(1);
    // On the next worker: the one before has ended.
    await executor.tasks.add(1, 1);
    expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([2, 3]);
    await expect(iterator.next()).rejects.toMatchObject({ name: 'WorkerDiedError', exitCode: 7 });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});

describe('the values of a stream', () => {
  it('leave before the next one is made, where that may take long', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, terminateAfter: 0 });
    using gate = new Gate();
    const iterator = executor.tasks.loopInTheSecond.stream(gate.cells)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await iterator.return!();
  });

  it.each(['slowly', 'slowlyInPromises'] as const)(
    'leave one by one where each takes long, and the word that the reader has left comes between two: %s',
    async (name) => {
      await using executor = open('streams.js', { maxWorkers: 1, terminateAfter: 200 });
      const thread = await executor.tasks.whichThread();
      const waited: number[] = [];
      for await (const at of executor.stream(name, 20)) if (waited.push(Date.now() - at) === 16) break;
      // All of them together would take 320 ms, and so would a look at the messages after all of them.
      expect(waited.sort((a, b) => a - b)[8]).toBeLessThan(20);
      expect(await executor.tasks.whichThread()).toBe(thread);
    },
  );

  it('move without a copy where transfer marks them', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const chunks = await read(executor.tasks.chunks.with({ highWaterMark: 1 }).stream(gate.cells, 3, 1_000));
    expect(chunks.map((chunk) => [chunk.length, chunk[0]])).toEqual([
      [1_000, 1],
      [1_000, 2],
      [1_000, 3],
    ]);
    expect(gate.notes, 'what is left of each on the worker').toEqual([0, 0, 0]);
  });

  it.each(['plain', 'map', 'bytes'] as const)(
    'are what they were when they were yielded, where one of them (%s) is used again and again',
    async (kind) => {
      await using executor = open('streams.js');
      const values = await read(executor.tasks.sameAgain.stream(kind, 100));
      const numbers = values.map((value) => Number(value instanceof Map ? value.get('n') : Object.values(value)[0]));
      expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    },
  );
});

describe('a stream that is run again', () => {
  it.each(['fail', 'exit'] as const)('gives what its good run gives: after those that %s', async (how) => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const stream = executor.tasks.rangeFromRun.with({ retry: 2, highWaterMark: 1 }).stream(gate.cells, 3, how);
    expect(await read(stream)).toEqual([1, 2, 3]);
    expect(gate.runs).toBe(3);
  });

  it('tells its attempts apart, and counts no credit twice', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, rangeFromRun } = executor.tasks;
    const stream = rangeFromRun.with({ retry: 1, highWaterMark: 2 }).stream(gate.cells, 2);
    for await (const value of stream) expect(await add(value, 1)).toBe(value + 1);
    expect(gate.runs).toBe(2);
  });

  it('goes on to its end beside the run before it, which has yet to hear that its time is up', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, concurrency: 2 });
    using gate = new Gate();
    const task = executor.tasks.deafAtFirst.with({ retry: 1, timeout: 100, highWaterMark: 2 });
    const values: number[] = [];
    for await (const value of task.stream(gate.cells, 20)) {
      values.push(value);
      if (values.length > 1) continue;
      gate.open();
      // Both places are taken, so it begins when the first run has ended.
      await executor.tasks.add(1, 1);
    }
    expect(values).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
});

describe('a stream with a priority', () => {
  it('begins before what was submitted earlier', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { hold, range } = executor.tasks;
    const held = hold(gate.cells);
    await gate.arrivals();
    const order: string[] = [];
    const begin = (name: string, priority: number) =>
      lastValueFrom(range.with({ priority }).stream(1)).then(() => order.push(name));
    const streams = [begin('low', -1), begin('normal', 0), begin('high', 1)];
    gate.open();
    await Promise.all([held, ...streams]);
    expect(order).toEqual(['high', 'normal', 'low']);
  });
});

describe('highWaterMark', () => {
  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '16', null])(
    'of %s is refused, naming option, expected and got',
    (highWaterMark) => {
      const executor = open('streams.js');
      for (const bind of [executor, executor.tasks.range])
        expect(() => bind.with({ highWaterMark: highWaterMark as never })).toThrow(
          /^with\(options\): highWaterMark: expected an integer, 1 or more, got/,
        );
    },
  );
});

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

function gather<T>(stream: Observable<T>): Promise<T[]> {
  return lastValueFrom(stream.pipe(toArray()));
}
