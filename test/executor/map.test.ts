/**
 * `map` with real workers: its inputs, its results and its errors. Its timing is tested in
 * test/engine/map.test.ts.
 */
import { Executor, Future, type Outcome, pipeline, ResultStream, transfer } from 'rx-futures';
import { from, lastValueFrom, type Observable, of, throwError, toArray } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { collect } from '../support/collect.js';
import { failure, show } from '../support/ended.js';
import { Gate } from '../support/gate.js';
import { fixture, open } from '../support/open.js';

describe('map', () => {
  it('map accepts a task handle, the name of an export, a function and a pipeline', async () => {
    await using executor = open('streams.js');
    const { add, double, halve } = executor.tasks;
    const bound = executor.with({ priority: 1 });
    const streams = [
      executor.map(double, [1, 2, 3]),
      executor.map('double', [1, 2, 3]),
      executor.map((n: number) => 2 * n, [1, 2, 3]),
      executor.map(async (n: number) => 2 * n, [1, 2, 3]),
      executor.map(double.with({ retry: 1 }), [1, 2, 3]),
      bound.map('double', [1, 2, 3]),
      bound.map(bound.tasks.double, [1, 2, 3]),
      executor.map(pipeline(double, double, halve), [1, 2, 3]),
    ];
    for (const stream of streams) {
      expect(stream).toBeInstanceOf(ResultStream);
      expect(await gather(stream)).toEqual([2, 4, 6]);
      expect(await read(stream)).toEqual([2, 4, 6]);
    }
    expect(await read(executor.map(add as never, [1]))).toEqual([Number.NaN]);
  });

  it.each<[string, () => Iterable<number> | AsyncIterable<number> | Observable<number>]>([
    ['an array', () => [1, 2, 3]],
    ['a Set', () => new Set([1, 2, 3])],
    ['a generator', () => numbers(3)],
    ['an async generator', () => numbersLater(3)],
    ['an Observable', () => of(1, 2, 3)],
    ['an Observable that is later', () => from(numbersLater(3))],
  ])('map reads its inputs from %s', async (_, inputs) => {
    await using executor = open('streams.js');
    for (const ordered of [true, false]) {
      expect((await read(executor.map('double', inputs(), { ordered }))).sort()).toEqual([2, 4, 6]);
      expect((await gather(executor.map('double', inputs(), { ordered }))).sort()).toEqual([2, 4, 6]);
    }
  });

  it('map reads the inputs again for each reader', async () => {
    await using executor = open('streams.js');
    const opened = vi.fn();
    const inputs = {
      [Symbol.iterator]: () => {
        opened();
        return numbers(3);
      },
    };
    const stream = executor.map('double', inputs);
    expect(opened).not.toHaveBeenCalled();
    expect(await Promise.all([read(stream), gather(stream)])).toEqual([
      [2, 4, 6],
      [2, 4, 6],
    ]);
    expect(opened).toHaveBeenCalledTimes(2);
  });

  it('map of no inputs emits nothing, and completes at once', async () => {
    await using executor = open('streams.js');
    for (const inputs of [[], numbers(0), of<number>()]) {
      expect(collect(executor.map('double', inputs))).toEqual(['complete']);
      expect(await read(executor.map('double', inputs))).toEqual([]);
    }
    expect(await read(executor.map('double', numbersLater(0)))).toEqual([]);
    expect(executor.stats().workers).toEqual({ starting: 0, idle: 0, busy: 0, leaving: 0 });
  });

  it('map accepts and emits falsy values such as undefined', async () => {
    await using executor = open('streams.js');
    const values = [undefined, 0, null, Number.NaN, '', false, undefined];
    for (const ordered of [true, false]) {
      const options = { ordered, concurrency: 1 };
      expect(await read(executor.map('echo', values, options))).toEqual(values);
      expect(await gather(executor.map('echo', values, options))).toEqual(values);
    }
  });

  it('map emits the first results of infinite inputs', async () => {
    await using executor = open('streams.js');
    const seen: number[] = [];
    for await (const value of executor.map('double', numbers(Number.POSITIVE_INFINITY))) {
      if (seen.push(value) === 1_000) break;
    }
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => 2 * (i + 1)));
  });

  it('map waits for inputs that are futures', async () => {
    await using executor = open('streams.js');
    const { add, double } = executor.tasks;
    const inputs = [add(1, 1), Future.resolve(3), 4];
    expect(await read(executor.map(double, inputs as number[]))).toEqual([4, 6, 8]);
  });

  it('map moves inputs that are marked with transfer', async () => {
    await using executor = open('values.js');
    const bytes = [new Uint8Array([1, 2]), new Uint8Array([3])];
    expect(
      await read(
        executor.map(
          'sum',
          bytes.map((each) => transfer(each)),
        ),
      ),
    ).toEqual([3, 3]);
    expect(bytes.map(({ byteLength }) => byteLength)).toEqual([0, 0]);
  });

  it('map starts the inputs in order, even if it emits results as they finish', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const inputs = [1, 2, 3, 4].map((mark) => ({ cells: gate.cells, mark }));
    await read(executor.map('noteNext', inputs, { ordered: false }));
    expect(gate.notes).toEqual([2, 3, 4, 5]);
  });

  it('map counts as the observer of failures that it never emits, because nothing else can observe them', async () => {
    const reported: unknown[] = [];
    await using executor = open('streams.js', { onUnobservedError: (error) => reported.push(error) });
    using gate = new Gate();
    const task = ({ cells, fails }: { cells: Int32Array; fails: boolean }) => {
      if (fails) throw new Error('lost');
      Atomics.wait(cells, 1, 0);
    };
    const inputs = [false, true, true, true].map((fails) => ({ cells: gate.cells, fails }));
    const subscription = executor.map(task, inputs).subscribe();
    // The task `add` runs on the second worker after the failing tasks, while the first worker is
    // held.
    await executor.tasks.add(1, 1);
    subscription.unsubscribe();
    gate.open();
    await executor.shutdown();
    expect([executor.stats().rejected, reported]).toEqual([3, []]);
  });
});

describe('a failure in a map', () => {
  it.each([true, false])('a failure ends the map and cancels the remaining tasks (ordered: %s)', async (ordered) => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 2 });
    using gate = new Gate();
    using never = new Gate();
    const seen = collect(executor.map('lingerAndFail', [gate.cells, never.cells], { ordered }));
    await Promise.all([gate.arrivals(), never.arrivals()]);
    gate.open();
    await vi.waitUntil(() => seen.length > 0, { interval: 1 });
    expect(seen).toEqual(['error Error: ']);
    expect(executor.stats().pending).toBe(0);
  });

  it('a failure of the input is emitted after the results of the inputs before it', async () => {
    await using executor = open('streams.js');
    function* inputs() {
      yield* numbers(3);
      throw failure;
    }
    for (const ordered of [true, false]) {
      const { values, error } = await readUntilError(executor.map('double', inputs(), { ordered }));
      expect([values.sort(), error]).toEqual([[2, 4, 6], failure]);
    }
  });

  it.each<[string, () => Iterable<number> | AsyncIterable<number> | Observable<number>]>([
    ['an iterable that cannot be opened', () => ({ [Symbol.iterator]: fail })],
    ['an async iterable that cannot be opened', () => ({ [Symbol.asyncIterator]: fail })],
    ['an iterator that throws', () => ({ [Symbol.iterator]: () => ({ next: fail }) })],
    ['an async iterator that throws', () => ({ [Symbol.asyncIterator]: () => ({ next: fail }) })],
    ['an async iterator that rejects', () => ({ [Symbol.asyncIterator]: () => ({ next: async () => fail() }) })],
    ['an Observable', () => throwError(() => failure)],
  ])('a failure of %s ends the map, and a shutdown does not wait for the map', async (_, inputs) => {
    const executor = open('streams.js');
    for (const settle of [true, false]) {
      await expect(read(executor.map('double', inputs(), { settle }))).rejects.toBe(failure);
      await expect(gather(executor.map('double', inputs(), { settle }))).rejects.toBe(failure);
    }
    await executor.shutdown();
  });

  it.each([
    ['an iterator', Symbol.iterator],
    ['an async iterator', Symbol.asyncIterator],
  ])('the error names the problem if next() of %s returns no result object', async (_, symbol) => {
    await using executor = open('streams.js');
    const inputs = { [symbol]: () => ({ next: () => undefined }) } as unknown as Iterable<number>;
    await expect(read(executor.map('double', inputs))).rejects.toThrow(/next\(\) returned undefined/);
  });

  it('map accepts an async iterator whose next returns no promise, as for await does', async () => {
    await using executor = open('streams.js');
    const inputs = { [Symbol.asyncIterator]: () => numbers(3) } as unknown as AsyncIterable<number>;
    expect(await read(executor.map('double', inputs))).toEqual([2, 4, 6]);
  });

  it("a failed task, an input that can't be sent and a cancelled input are outcomes with settle", async () => {
    await using executor = open('streams.js');
    const cancelled = executor.tasks.add(1, 1);
    cancelled.cancel('enough');
    const inputs = [2, 3, (() => {}) as never, cancelled as never, 4];
    const outcomes: Outcome<number>[] = await read(executor.map('halve', inputs, { settle: true }));
    expect(outcomes.map(show)).toEqual([
      'fulfilled 1',
      'rejected RangeError: 3 is odd',
      expect.stringMatching(/^rejected SerializationError: arguments\[0\] is a function/),
      'cancelled enough',
      'fulfilled 2',
    ]);
    for (const { future } of outcomes) expect(future.isSettled).toBe(true);
  });

  it('map retries a task for its own input, as with(options) says', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    expect(await read(executor.with({ retry: 1 }).map('exitAtFirst', [gate.cells, gate.cells]))).toEqual([
      'survived',
      'survived',
    ]);
  });
});

describe('an AbortSignal and a map', () => {
  it('an aborted signal ends a map that waits for its input, with and without settle', async () => {
    await using executor = open('streams.js');
    const controller = new AbortController();
    const waiting = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    const bound = executor.with({ signal: controller.signal });
    const seen = [false, true].map((settle) => collect(bound.map('double', waiting, { settle })));
    controller.abort('closed the page');
    for (const each of seen) expect(each).toEqual([expect.stringMatching(/^error CancelledError: .*closed the page/)]);
  });

  it.each(['closed the page', null])(
    'the tasks of a map receive the reason of the signal as it was passed: %j',
    async (reason) => {
      await using executor = open('context.js');
      using gate = new Gate();
      const controller = new AbortController();
      const seen = collect(executor.with({ signal: controller.signal }).map('untilAborted', [gate.cells]));
      await gate.arrivals();
      controller.abort(reason);
      await gate.arrivals(2);
      expect(String.fromCharCode(...gate.notes)).toBe(JSON.stringify(reason));
      expect(seen).toEqual([expect.stringMatching(/^error CancelledError/)]);
    },
  );

  it('map reads no input if its signal has aborted before', () => {
    const executor = open('streams.js');
    let taken = 0;
    function* inputs() {
      for (;;) yield ++taken;
    }
    const seen = collect(executor.with({ signal: AbortSignal.abort('no') }).map('double', inputs(), { settle: true }));
    expect([seen, taken]).toEqual([[expect.stringMatching(/^error CancelledError/)], 0]);
  });

  it('map removes its listener from the signal when it has ended', async () => {
    await using executor = open('streams.js');
    const { signal } = new AbortController();
    const remove = vi.spyOn(signal, 'removeEventListener');
    const add = vi.spyOn(signal, 'addEventListener');
    await read(executor.with({ signal }).map('double', numbers(3)));
    expect(add).toHaveBeenCalledTimes(1);
    expect(remove).toHaveBeenCalledTimes(1);
  });
});

describe('wrong arguments of map', () => {
  const { map, tasks } = bindMap();

  it.each([5, null, undefined, 'text', {}, Promise.resolve([])])(
    'map throws at the call if the input is %s',
    (inputs) => {
      expect(() => map('double', inputs as never)).toThrow(TypeError);
      expect(() => map('double', inputs as never)).toThrow(
        /^map\(task, inputs\): expected an iterable, an async iterable or an Observable of inputs, got/,
      );
    },
  );

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', null])(
    'map throws at the call for a concurrency of %s',
    (concurrency) => {
      expect(() => map('double', [], { concurrency: concurrency as never })).toThrow(
        typeof concurrency === 'number' ? RangeError : TypeError,
      );
      expect(() => map('double', [], { concurrency: concurrency as never })).toThrow(
        /^map\(\): option "concurrency": expected an integer, 1 or more, got/,
      );
    },
  );

  it.each(['ordered', 'settle'])('map throws at the call if %s is not a boolean', (name) => {
    for (const value of [1, 'yes', null]) {
      expect(() => map('double', [], { [name]: value })).toThrow(TypeError);
      expect(() => map('double', [], { [name]: value })).toThrow(
        `map(): option "${name}": expected true or false, got`,
      );
    }
  });

  it('map throws at the call for an unknown option, or options that are not an object', () => {
    expect(() => map('double', [], { parallel: 4 } as never)).toThrow(/parallel.*concurrency, ordered, settle/);
    for (const options of [null, 5, 'fast']) expect(() => map('double', [], options as never)).toThrow(TypeError);
  });

  it('map throws at the call if the task is not a task of this executor', () => {
    expect(() => map(5 as never, [])).toThrow(TypeError);
    expect(() => map(open('streams.js').tasks.double as never, [])).toThrow(/belongs to executor "/);
    expect(() => new Executor().map('double' as never, [])).toThrow(/no task module/);
    expect(tasks.double.name).toBe('double');
  });
});

function bindMap(): any {
  const executor = new Executor<any>({ tasks: fixture('streams.js') });
  return { map: executor.map.bind(executor), tasks: executor.tasks };
}

function fail(): never {
  throw failure;
}

function* numbers(to: number): Generator<number> {
  for (let i = 1; i <= to; i++) yield i;
}

async function* numbersLater(to: number): AsyncGenerator<number> {
  yield* numbers(to);
}

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

async function readUntilError<T>(stream: AsyncIterable<T>): Promise<{ values: T[]; error: unknown }> {
  const values: T[] = [];
  try {
    for await (const value of stream) values.push(value);
  } catch (error) {
    return { values, error };
  }
  throw new Error('it ended without an error');
}

function gather<T>(stream: Observable<T>): Promise<T[]> {
  return lastValueFrom(stream.pipe(toArray()));
}
