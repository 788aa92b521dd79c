/** Tasks that emit many values, and one task over many inputs. */
import { CancelledError, type Outcome, SerializationError, TimeoutError, WorkerDiedError } from 'rx-futures';
import { lastValueFrom, type Observable, toArray } from 'rxjs';
import { expect } from 'vitest';
import { collect } from '../../support/collect.js';
import { show } from '../../support/ended.js';
import type { Suite } from '../describe-backend.js';

export function streams({ it, open, makeGate, exitCode }: Suite): void {
  it('a stream emits the values of a generator, an Observable or a Readable in order', async () => {
    await using executor = open('streams.js');
    const { observableRange, promiseOfRange, range, rangeLater, readableRange } = executor.tasks;
    for (const task of [range, rangeLater, promiseOfRange, observableRange, readableRange]) {
      const numbers = Array.from({ length: 2_000 }, (_, i) => i + 1);
      expect(await gather(task.stream(2_000))).toEqual(numbers);
      expect(await read(task.stream(2_000))).toEqual(numbers);
      expect(await read(task.stream(0))).toEqual([]);
    }
  });

  it('a stream of a plain task emits its one result, even a collection or undefined', async () => {
    await using executor = open('streams.js');
    const { add, echo } = executor.tasks;
    expect(await read(add.stream(1, 2))).toEqual([3]);
    for (const value of [
      [1, 2],
      new Map([[1, 2]]),
      new Set([1]),
      'text',
      { length: 2 },
      null,
      undefined,
      0,
      Number.NaN,
    ])
      expect(await read(echo.stream(value))).toEqual([value]);
  });

  it('a stream emits falsy and empty values', async () => {
    await using executor = open('streams.js');
    const values = [undefined, null, 0, '', false, Number.NaN, -0, [], {}];
    expect(await read(executor.tasks.yieldAll.stream(...values))).toEqual(values);
    expect(await gather(executor.tasks.yieldAll.stream(...values))).toEqual(values);
  });

  it('a stream runs its task when it is read, once for each reader', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = makeGate();
    const stream = executor.tasks.count.stream(gate.cells, 3);
    await executor.tasks.add(1, 1);
    expect(gate.arrived).toBe(0);
    expect(await Promise.all([gather(stream), read(stream)])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    expect(gate.arrived).toBe(6);
  });

  it('a stream emits the values before an error, then the complete error', async () => {
    await using executor = open('streams.js');
    const { yieldThenFail, yieldThenFailLater } = executor.tasks;
    for (const task of [yieldThenFail, yieldThenFailLater]) {
      const { values, error } = await readUntilError(task.stream('a', 'b', 'c'));
      expect(values).toEqual(['a', 'b', 'c']);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: 'no more', given: 3, cause: 'the end of the list' });
    }
  });

  it('a stream emits the values before one that cannot be sent, names that value, and closes the generator', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { values, error } = await readUntilError(executor.tasks.yieldFunction.stream(gate.cells));
    expect(values).toEqual([1, new Uint8Array([2])]);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ path: 'value.onClick' });
    await gate.arrivals();
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('an iterator that breaks the rules of iterators fails its stream', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    const { values, error } = await readUntilError(executor.stream('notAnIterator'));
    expect([values, error]).toEqual([[], expect.any(TypeError)]);
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('a submitted generator is rejected with an error that names task.stream', async () => {
    await using executor = open('streams.js');
    const { range, rangeLater } = executor.tasks;
    for (const task of [range, rangeLater])
      await expect((task as unknown as (to: number) => Promise<unknown>)(3)).rejects.toThrow(/task\.stream/);
  });

  it('a generator waits for its reader, even if the reader waits for a task on the same worker', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = makeGate();
    const seen: number[] = [];
    for await (const value of executor.tasks.count.with({ highWaterMark: 2 }).stream(gate.cells, 10)) {
      seen.push(await executor.tasks.double(value));
      expect(gate.arrived - seen.length).toBeLessThanOrEqual(2);
    }
    expect(seen).toEqual([2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  });

  it('a generator of large values waits for its reader after the bytes of its highWaterMark', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    const { large, double } = executor.tasks;
    for (const kind of ['text', 'bytes', 'nested'] as const) {
      using gate = makeGate();
      const stream = large.with({ highWaterMark: { bytes: 25_000 } }).stream(gate.cells, kind, 10_000, 12);
      let read = 0;
      for await (const _ of stream) {
        read++;
        await double(read);
        expect(gate.arrived - read).toBeLessThanOrEqual(2);
      }
      expect(read).toBe(12);
    }
  });

  it('many streams of one worker can be read in any order', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    const { range, rangeLater } = executor.tasks;
    const iterators = Array.from({ length: 12 }, (_, i) =>
      (i % 2 === 0 ? range : rangeLater)
        .with({ highWaterMark: 1 + (i % 3) })
        .stream(8)
        [Symbol.asyncIterator](),
    );
    for (const iterator of iterators) expect(await iterator.next()).toEqual({ done: false, value: 1 });
    for (const iterator of iterators.reverse()) expect(await readOn(iterator)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(executor.stats().pending).toBe(0);
  });

  it('a stream whose reader leaves is stopped: its generator returns, and its signal has the reason', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = makeGate();
    // The gate of a browser may block the thread for longer than a stopped task may by default.
    for await (const _ of executor.tasks.untilLeft.with({ terminateAfter: 5_000 }).stream(gate.cells)) break;
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toBe('aborted: the reader of "untilLeft" has left');
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('a paused stream is stopped when its reader leaves', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = makeGate();
    const iterator = executor.tasks.untilLeft.with({ highWaterMark: 1 }).stream(gate.cells)[Symbol.asyncIterator]();
    await iterator.next();
    await executor.tasks.add(1, 1);
    await iterator.return!();
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toMatch(/^aborted/);
  });

  it('an AbortSignal stops a stream after the values that it has emitted', async () => {
    await using executor = open('streams.js');
    using gate = makeGate();
    const controller = new AbortController();
    const stream = executor.tasks.untilAborted.with({ signal: controller.signal }).stream(gate.cells);
    const { values, error } = await readUntilError(stream, (value) => {
      if (value === 2) controller.abort('closed the page');
    });
    expect(values).toEqual([1, 2]);
    expect(error).toBeInstanceOf(CancelledError);
    expect(error).toMatchObject({ cause: 'closed the page' });
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toBe('aborted: closed the page');
  });

  it('a stream that exceeds its timeout fails after the values that it has emitted', async () => {
    await using executor = open('streams.js');
    using gate = makeGate();
    const { values, error } = await readUntilError(
      executor.tasks.untilAborted.with({ timeout: 100 }).stream(gate.cells),
    );
    expect(values).toEqual([1, 2]);
    expect(error).toBeInstanceOf(TimeoutError);
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toMatch(/^aborted: TimeoutError: /);
  });

  it('a stream emits the values before an uncaught error, then a WorkerDiedError', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    const { yieldThenThrowInTimer } = executor.tasks;
    const { values, error } = await readUntilError(yieldThenThrowInTimer.stream('a', 'b'));
    expect(values).toEqual(['a', 'b']);
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('a stream emits the values before the exit of its worker, then a WorkerDiedError', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    const { values, error } = await readUntilError(executor.tasks.yieldThenExit.stream(1, 2, 3));
    expect(values).toEqual([1, 2, 3]);
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error).toMatchObject({ exitCode: exitCode(7) });
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('retry runs a stream again that has not emitted a value', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = makeGate();
    expect(await read(executor.tasks.rangeFromRun.with({ retry: 2 }).stream(gate.cells, 3))).toEqual([1, 2, 3]);
    expect(gate.runs).toBe(3);
  });

  it('retry never runs a stream again that has emitted a value', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = makeGate();
    const { values, error } = await readUntilError(
      executor.tasks.yieldRunThenFail.with({ retry: 5 }).stream(gate.cells),
    );
    expect([values, error]).toEqual([[1], new Error('run 1 failed')]);
    expect(gate.runs).toBe(1);
  });

  it('currentTask() stays correct in streams that alternate on one worker', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, concurrency: 4 });
    const lists = await Promise.all(Array.from({ length: 4 }, () => read(executor.tasks.ids.stream())));
    for (const list of lists) expect(list).toEqual(Array(4).fill(list[0]));
    expect(new Set(lists.map(([id]) => id)).size).toBe(4);
  });

  it('a stream moves chunks that are marked with transfer()', async () => {
    await using executor = open('streams.js');
    using gate = makeGate();
    const chunks = await read(executor.tasks.chunks.stream(gate.cells, 4, 100_000));
    expect(chunks.map((chunk) => [chunk.length, chunk[0], chunk.at(-1)])).toEqual([
      [100_000, 1, 1],
      [100_000, 2, 2],
      [100_000, 3, 3],
      [100_000, 4, 4],
    ]);
  });

  it('a stream does not see changes to its arguments after its creation', async () => {
    await using executor = open('streams.js');
    const list = [1];
    const stream = executor.tasks.yieldAll.stream(list);
    list.push(2);
    expect(await read(stream)).toEqual([[1]]);
    list.push(3);
    expect(await read(stream)).toEqual([[1]]);
  });

  it('map() emits results in the order of their inputs, or as they finish with ordered: false', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, concurrency: 2 });
    using gate = makeGate();
    const inputs = [1, 2, 3].map((number) => ({ cells: gate.cells, number }));
    const seen: number[] = [];
    const unordered = executor.map('firstIsSlow', inputs, { ordered: false });
    for await (const number of unordered) if (seen.push(number) === 2) gate.open();
    expect(seen).toEqual([2, 3, 1]);
    expect(await read(executor.map('firstIsSlow', inputs))).toEqual([1, 2, 3]);
  });

  it('map() fails with its first failure, after the results before it', async () => {
    await using executor = open('streams.js');
    const { values, error } = await readUntilError(executor.map('halve', [2, 4, 5, 6]));
    expect([values, error]).toEqual([[1, 2], new RangeError('5 is odd')]);
  });

  it('map() with settle emits an Outcome for each input', async () => {
    await using executor = open('streams.js');
    const outcomes = (await read(executor.map('halve', [2, 5, 6], { settle: true }))) as Outcome<number>[];
    expect(outcomes.map(show)).toEqual(['fulfilled 1', 'rejected RangeError: 5 is odd', 'fulfilled 3']);
  });

  it('map() processes thousands of tiny inputs', async () => {
    await using executor = open('streams.js');
    const numbers = Array.from({ length: 5_000 }, (_, i) => i);
    expect(await read(executor.map('double', numbers))).toEqual(numbers.map((n) => 2 * n));
  });

  it('terminate() ends streams and maps at once', async () => {
    const executor = open('streams.js', { maxWorkers: 1 });
    using gate = makeGate();
    const stream = collect(executor.tasks.countLater.stream(gate.cells));
    const map = collect(executor.map('linger', Array(10).fill(gate.cells)));
    await gate.arrivals();
    const terminated = executor.terminate();
    for (const seen of [stream, map]) expect(seen.at(-1)).toMatch(/^error CancelledError/);
    await terminated;
  });
}

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

async function readOn<T>(iterator: AsyncIterator<T>): Promise<T[]> {
  return read({ [Symbol.asyncIterator]: () => iterator });
}

function gather<T>(stream: Observable<T>): Promise<T[]> {
  return lastValueFrom(stream.pipe(toArray()));
}

async function readUntilError<T>(
  stream: AsyncIterable<T>,
  each: (value: T) => void = () => {},
): Promise<{ values: T[]; error: any }> {
  const values: T[] = [];
  try {
    for await (const value of stream) {
      values.push(value);
      each(value);
    }
  } catch (error) {
    return { values, error };
  }
  throw new Error('it ended without an error');
}
