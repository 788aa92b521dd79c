/**
 * Streams on real workers: how they share a worker, their arguments, and when their values are
 * sent.
 */
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
  it('a stream is an Observable and an async iterable, whatever call returned it', async () => {
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

  it('a stream passes its values through operators of RxJS and through chain', async () => {
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

  it('a stream stays on one worker from its first value to its last', async () => {
    await using executor = open('streams.js', { maxWorkers: 2 });
    for await (const thread of executor.tasks.threads.with({ highWaterMark: 1 }).stream(20)) {
      expect(thread).toBeGreaterThan(0);
      await executor.tasks.double(1);
    }
    const { threads } = executor.tasks;
    expect(new Set(await read(threads.with({ highWaterMark: 1 }).stream(20))).size).toBe(1);
  });

  it('a stream of an unknown export fails with TaskNotFoundError', async () => {
    await using executor = open('streams.js');
    const stream = executor.stream('missing' as 'range', 3);
    await expect(read(stream)).rejects.toMatchObject({ name: 'TaskNotFoundError' });
  });

  it('stream() throws at the call if its argument is not a task', () => {
    const executor = new Executor();
    expect(() => executor.stream(5 as never)).toThrow(TypeError);
    expect(() => executor.stream('range' as never)).toThrow(/no task module/);
    expect(() => executor.stream(open('streams.js').tasks.range as never, 3)).toThrow(/belongs to executor "/);
  });

  it('a stream of a broken executor fails with the error that broke it', async () => {
    await using executor = new Executor<any>({ tasks: fixture('throws-on-import.js') });
    const first = executor.stream('anything');
    await expect(read(first)).rejects.toBeInstanceOf(BrokenExecutorError);
    for (const stream of [first, executor.map('anything', [1])]) {
      expect(collect(stream)).toEqual([expect.stringMatching(/^error BrokenExecutorError/)]);
      await expect(read(stream)).rejects.toBeInstanceOf(BrokenExecutorError);
    }
  });

  it('a stream fails as soon as it starts if its signal has aborted before', async () => {
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
  it('the arguments are copied at the call, including those beside futures', async () => {
    await using executor = open('streams.js');
    const list = [1];
    const later = new Deferred<string>();
    const stream = executor.tasks.yieldAll.stream(list, later.future);
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

  it('a stream waits for arguments that are futures, and fails if one of them does', async () => {
    await using executor = open('streams.js');
    const { double, range } = executor.tasks;
    expect(await read(range.stream(double(2)))).toEqual([1, 2, 3, 4]);
    await expect(read(range.stream(Future.reject(new RangeError('no number'))))).rejects.toThrow('no number');
    const cancelled = new Deferred<number>();
    cancelled.cancel('changed my mind');
    await expect(read(range.stream(cancelled.future))).rejects.toBeInstanceOf(CancelledError);
  });

  it('a transferred argument moves to the first run, and a second run is refused', async () => {
    await using executor = open('streams.js');
    const bytes = new Uint8Array([1, 2, 3]);
    const stream = executor.tasks.sumAndLength.stream(transfer(bytes));
    expect(bytes.byteLength).toBe(0);
    expect(await read(stream)).toEqual([6, 3]);
    const error = await read(stream).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(SerializationError);
    expect((error as Error).message).toMatch(/can't run again/);
  });

  it("arguments that can't be sent end each run, and the call does not throw", async () => {
    await using executor = open('streams.js');
    const stream = executor.tasks.echo.stream({ onClick: () => {} });
    for (let i = 0; i < 2; i++) await expect(read(stream)).rejects.toMatchObject({ path: 'arguments[0].onClick' });
  });
});

describe('a stream that waits for its reader', () => {
  it('a waiting stream frees its slot for a task that the reader waits for, older or newer', async () => {
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

  it('a waiting stream does not count for maxQueue', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, maxQueue: 0 });
    const { double, range } = executor.tasks;
    const iterator = range.with({ highWaterMark: 2 }).stream(5)[Symbol.asyncIterator]();
    await iterator.next();
    // The message that the stream waits may not have arrived yet.
    const accepted = await vi.waitFor(() => double(4), { timeout: 5_000, interval: 1 });
    await iterator.return!();
    expect(accepted).toBe(8);
  });

  it('a waiting stream continues while its worker is being replaced', async () => {
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

  it('the received values, and then the error, can be read after the worker has died', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    const iterator = executor.tasks.yieldThenExit.stream(1, 2, 3)[Symbol.asyncIterator]();
    expect((await iterator.next()).value).toBe(1);
    // The task `add` runs on the next worker, so the worker of the stream has ended.
    await executor.tasks.add(1, 1);
    expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([2, 3]);
    await expect(iterator.next()).rejects.toMatchObject({ name: 'WorkerDiedError', exitCode: 7 });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });
});

describe('the values of a stream', () => {
  it('a value is sent before the task computes the next one, which may take long', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, terminateAfter: 0 });
    using gate = new Gate();
    const iterator = executor.tasks.loopInTheSecond.stream(gate.cells)[Symbol.asyncIterator]();
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await iterator.return!();
  });

  it.each(['slowly', 'slowlyInPromises'] as const)(
    'slow values are sent one by one, and the worker learns between two values that the reader has left: %s',
    async (name) => {
      await using executor = open('streams.js', { maxWorkers: 1, terminateAfter: 200 });
      const thread = await executor.tasks.whichThread();
      const waited: number[] = [];
      for await (const at of executor.stream(name, 20)) if (waited.push(Date.now() - at) === 16) break;
      // If 16 values of 20 ms each were sent together, they would take 320 ms. So would reading the
      // messages only after all of them.
      expect(waited.sort((a, b) => a - b)[8]).toBeLessThan(20);
      expect(await executor.tasks.whichThread()).toBe(thread);
    },
  );

  it('values that are marked with transfer move without a copy', async () => {
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
    'each value is as it was when it was yielded, even if the same object (%s) is yielded again and again',
    async (kind) => {
      await using executor = open('streams.js');
      const values = await read(executor.tasks.sameAgain.stream(kind, 100));
      const numbers = values.map((value) => Number(value instanceof Map ? value.get('n') : Object.values(value)[0]));
      expect(numbers).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    },
  );
});

describe('a stream that is run again', () => {
  it.each(['fail', 'exit'] as const)(
    'a stream that is retried emits the values of its successful run, after runs that %s',
    async (how) => {
      await using executor = open('streams.js', { maxWorkers: 1 });
      using gate = new Gate();
      const stream = executor.tasks.rangeFromRun.with({ retry: 2, highWaterMark: 1 }).stream(gate.cells, 3, how);
      expect(await read(stream)).toEqual([1, 2, 3]);
      expect(gate.runs).toBe(3);
    },
  );

  it('a retried stream separates its attempts, and counts no credit twice', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, rangeFromRun } = executor.tasks;
    const stream = rangeFromRun.with({ retry: 1, highWaterMark: 2 }).stream(gate.cells, 2);
    for await (const value of stream) expect(await add(value, 1)).toBe(value + 1);
    expect(gate.runs).toBe(2);
  });

  it('a retried stream runs to its end beside its timed-out first run', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, concurrency: 2 });
    using gate = new Gate();
    const task = executor.tasks.ignoresSignalAtFirst.with({ retry: 1, timeout: 100, highWaterMark: 2 });
    const values: number[] = [];
    for await (const value of task.stream(gate.cells, 20)) {
      values.push(value);
      if (values.length > 1) continue;
      gate.open();
      // Both slots are taken, so this task starts after the first run has ended.
      await executor.tasks.add(1, 1);
    }
    expect(values).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
});

describe('a stream with a priority', () => {
  it('a stream with a higher priority starts before earlier ones', async () => {
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
    'with() throws for a highWaterMark of %s, with the expected and the actual value',
    (highWaterMark) => {
      const executor = open('streams.js');
      for (const bind of [executor, executor.tasks.range])
        expect(() => bind.with({ highWaterMark: highWaterMark as never })).toThrow(
          typeof highWaterMark === 'number'
            ? /^with\(options\): option "highWaterMark": expected an integer, 1 or more, got/
            : /^with\(options\): option "highWaterMark": expected a number of values or \{ values, bytes \}, got/,
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
