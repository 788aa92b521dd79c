/**
 * G15 Flat memory: no stream or map runs far ahead of its reader. Values are counted in shared
 * memory at the moment they are produced.
 */
import type { ResultStream } from 'rx-futures';
import { from, lastValueFrom, tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { runProgram } from '../support/run-program.js';

const marks = [1, 2, 3, 16, 1_024];

describe('G15 Flat memory: a stream is never more than highWaterMark ahead', () => {
  describe.each(marks)('with a highWaterMark of %d', (highWaterMark) => {
    const length = 3 * highWaterMark + 20;

    it('a stream stays within its highWaterMark for a subscriber', async () => {
      await using executor = open('streams.js', { maxWorkers: 1 });
      using gate = new Gate();
      let read = 0;
      let farthest = 0;
      const stream = executor.tasks.count.with({ highWaterMark }).stream(gate.cells, length);
      await lastValueFrom(
        stream.pipe(
          tap(() => {
            farthest = Math.max(farthest, gate.arrived - read);
            read++;
          }),
        ),
      );
      expect(read).toBe(length);
      expect(farthest).toBeLessThanOrEqual(highWaterMark);
    });

    it.each(['count', 'countLater'] as const)(
      'a stream stays within its highWaterMark for a reader who waits for another task between two values: %s',
      async (name) => {
        await using executor = open('streams.js', { maxWorkers: 1 });
        using gate = new Gate();
        const { add } = executor.tasks;
        const iterator = iterate(executor.with({ highWaterMark }).stream(name, gate.cells, length));
        for (let read = 1; read <= 20; read++) {
          expect(await iterator.next()).toEqual({ done: false, value: read });
          // There is one worker with one slot. When this task has run there, the stream is as far
          // ahead as it may be.
          await add(1, 1);
          const ahead = gate.arrived - read;
          expect(ahead).toBeLessThanOrEqual(highWaterMark);
          expect(ahead).toBeGreaterThanOrEqual(1);
        }
        await iterator.return!();
      },
    );
  });

  it('a stream is by default at most 1,024 values ahead', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const iterator = iterate(executor.tasks.count.stream(gate.cells));
    await iterator.next();
    await executor.tasks.add(1, 1);
    expect(gate.arrived).toBe(1_024);
    await iterator.return!();
  });

  it.each(['text', 'bytes', 'Buffer', 'ArrayBuffer', 'nested'] as const)(
    'a stream is never more than the bytes of its highWaterMark ahead: %s',
    async (kind) => {
      await using executor = open('streams.js', { maxWorkers: 1 });
      using gate = new Gate();
      const [size, bytes] = [10_000, 45_000];
      const { large, add } = executor.tasks;
      const iterator = iterate(large.with({ highWaterMark: { bytes } }).stream(gate.cells, kind, size));
      for (let read = 1; read <= 20; read++) {
        expect((await iterator.next()).done).toBe(false);
        // There is one worker with one slot. When this task has run there, the stream is as far
        // ahead as it may be.
        await add(1, 1);
        expect((gate.arrived - read) * size).toBeLessThanOrEqual(bytes);
        expect(gate.arrived - read).toBeGreaterThanOrEqual(1);
      }
      await iterator.return!();
    },
  );

  it('a stream of large values is by default at most 16 MiB ahead, also with a number as highWaterMark', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    for (const options of [{}, { highWaterMark: 500 }]) {
      using gate = new Gate();
      const iterator = iterate(executor.tasks.large.with(options).stream(gate.cells, 'text', 2 ** 20));
      await iterator.next();
      await executor.tasks.add(1, 1);
      // Each text takes 1 MiB and a few bytes.
      expect(gate.arrived).toBe(15);
      await iterator.return!();
    }
  });

  it('a value that is larger than the bytes of highWaterMark travels, alone', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { large, add } = executor.tasks;
    const stream = large.with({ highWaterMark: { bytes: 100 } }).stream(gate.cells, 'text', 5_000, 10);
    let read = 0;
    for await (const text of stream) {
      read++;
      expect((text as string).length).toBe(5_000);
      await add(1, 1);
      expect(gate.arrived).toBeLessThanOrEqual(read + 1);
    }
    expect(read).toBe(10);
  });

  it('a stream of small and large values arrives whole with each limit in bytes', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    const sizes = Array.from({ length: 300 }, (_, i) => (i % 7 === 0 ? 3_000 : i % 5));
    for (const bytes of [1, 100, 4_000, 100_000]) {
      const lengths: number[] = [];
      for await (const text of executor.tasks.textsOf.with({ highWaterMark: { values: 50, bytes } }).stream(sizes)) {
        lengths.push(text.length);
        if (lengths.length % 50 === 0) await executor.tasks.add(1, 1);
      }
      expect(lengths).toEqual(sizes);
    }
  });

  it('a stream of 400 MiB of texts runs in a heap of 128 MiB if its reader is slow', async () => {
    const program = new URL('../fixtures/programs/large-stream.js', import.meta.url);
    const { code, lines } = await runProgram(program, {
      nodeOptions: ['--max-old-space-size=128'],
      hangsAfter: 60_000,
    });
    expect([code, lines]).toEqual([0, [String(400 * 2 ** 20)]]);
  });

  it('each reader of a stream has its own run with its own limit', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    // Credit is returned after two values, so each reader may take one.
    const stream = executor.tasks.count.with({ highWaterMark: 8 }).stream(gate.cells);
    const iterators = [iterate(stream), iterate(stream), iterate(stream)];
    for (const iterator of iterators) await iterator.next();
    await executor.tasks.add(1, 1);
    expect(gate.arrived).toBe(24);
    for (const iterator of iterators) await iterator.return!();
  });
});

describe('G15 Flat memory: map holds at most concurrency inputs', () => {
  it('a map counts inputs that wait behind a slow first one', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const inputs = numbersFor(gate, 100);
    const seen: number[] = [];
    const all = lastValueFrom(
      executor.map('firstIsSlow', inputs, { concurrency: 7 }).pipe(tap((number) => seen.push(number))),
    );
    await gate.arrivals(6);
    await executor.tasks.add(1, 1);
    expect([inputs.taken, seen]).toEqual([7, []]);
    gate.open();
    await all;
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  it('an unordered map reads one more input for each result it emits', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const inputs = numbersFor(gate, 100);
    let farthest = 0;
    let seen = 0;
    const all = lastValueFrom(
      executor.map('firstIsSlow', inputs, { concurrency: 7, ordered: false }).pipe(
        tap(() => {
          farthest = Math.max(farthest, inputs.taken - seen);
          if (++seen === 99) gate.open();
        }),
      ),
    );
    expect(await all).toBe(1);
    expect(farthest).toBe(7);
  });

  it.each([true, false])('a map counts results that a for await loop has not read (ordered: %s)', async (ordered) => {
    await using executor = open('streams.js');
    using gate = new Gate();
    gate.open();
    const inputs = numbersFor(gate, 100);
    const iterator = iterate(executor.map('firstIsSlow', inputs, { concurrency: 5, ordered }));
    for (let read = 1; read <= 10; read++) {
      expect((await iterator.next()).done).toBe(false);
      // All inputs that were read have finished, except perhaps the first one, which records
      // nothing.
      await gate.arrivals(inputs.taken - 1);
      await executor.tasks.add(1, 1);
      expect(inputs.taken - read).toBeLessThanOrEqual(5);
    }
    await iterator.return!();
  });

  it('a map starts at most `concurrency` tasks if its input is an Observable', async () => {
    await using executor = open('streams.js', { concurrency: 50 });
    using gate = new Gate();
    const all = lastValueFrom(
      executor.map('linger', from(Array(100).fill(gate.cells) as Int32Array[]), { concurrency: 3 }),
    );
    await gate.arrivals(3);
    await executor.tasks.add(1, 1);
    expect([gate.arrived, executor.stats().pending]).toEqual([3, 4]);
    gate.open();
    await all;
    expect(gate.arrived).toBe(100);
  });

  it('a map has by default two inputs in flight per concurrency slot if tasks are long', async () => {
    await using executor = open('streams.js', { maxWorkers: 2, concurrency: 3 });
    using gate = new Gate();
    const inputs = numbersFor(gate, 100);
    const subscription = executor
      .map(
        executor.tasks.linger,
        (function* () {
          for (const { cells } of inputs) yield cells;
        })(),
      )
      .subscribe();
    await gate.arrivals(6);
    expect(inputs.taken).toBe(12);
    subscription.unsubscribe();
  });

  it('a map has by default many inputs in flight if tasks are short, and never more than 4,096', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const inputs = numbersFor(gate, 50_000);
    let farthest = 0;
    let seen = 0;
    const numbers = (function* () {
      for (const { number } of inputs) yield number;
    })();
    await lastValueFrom(
      executor.map('double', numbers).pipe(tap(() => (farthest = Math.max(farthest, inputs.taken - seen++)))),
    );
    expect(seen).toBe(50_000);
    expect(farthest).toBeGreaterThan(64);
    expect(farthest).toBeLessThanOrEqual(4_096);
  });

  it('a map has by default no more inputs in flight than maxQueue allows', async () => {
    await using executor = open('streams.js', { maxWorkers: 1, maxQueue: 3 });
    const numbers = Array.from({ length: 5_000 }, (_, i) => i);
    expect(await lastValueFrom(executor.map('double', numbers))).toBe(9_998);
  });

  it('a stream that is the input of a map is at most both limits together ahead', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const { count, double } = executor.tasks;
    const iterator = iterate(
      executor.map(double, count.with({ highWaterMark: 4 }).stream(gate.cells), { concurrency: 3 }),
    );
    for (let read = 1; read <= 30; read++) {
      expect(await iterator.next()).toEqual({ done: false, value: 2 * read });
      await executor.tasks.add(1, 1);
      expect(gate.arrived - read).toBeLessThanOrEqual(3 + 4);
    }
    await iterator.return!();
  });
});

interface Inputs extends Iterable<{ cells: Int32Array; number: number }> {
  readonly taken: number;
}

/** Numbers from 1 on. `taken` is the number of inputs that were read. */
function numbersFor({ cells }: Gate, to: number): Inputs {
  let taken = 0;
  return {
    get taken() {
      return taken;
    },
    *[Symbol.iterator]() {
      while (taken < to) yield { cells, number: ++taken };
    },
  };
}

function iterate<T>(stream: ResultStream<T>): AsyncIterator<T> {
  return stream[Symbol.asyncIterator]();
}
