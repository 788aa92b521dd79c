/**
 * G20 Streams as arguments: a task reads a stream argument at its own pace. The source is never
 * more than `highWaterMark` ahead, across any number of stages. An error of the source is thrown at
 * the reader. If either side leaves, the other side ends through its `finally`. Values that flow
 * between two workers do not pass through the main thread.
 */
import { setImmediate as aTurn } from 'node:timers/promises';
import {
  allSettled,
  CancelledError,
  chain,
  type ExecutorOptions,
  TimeoutError,
  through,
  WorkerDiedError,
} from 'rx-futures';
import { firstValueFrom, lastValueFrom, Observable, Subject, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.js';
import { threadsBackend } from '../../src/backends/threads/backend.js';
import type { FromWorker, ToWorker } from '../../src/protocol/messages.js';
import { LEFT } from '../fixtures/inputs.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { until } from '../support/until.js';
import { waitingSources } from '../support/waiting-sources.js';

const numbers = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

/** The threads backend, which notes the messages of the streams in both directions. */
function openNoted(options: ExecutorOptions = {}) {
  const types: string[] = [];
  const threads = threadsBackend();
  const backend: Backend = {
    ...threads,
    open(config, workerOptions, listener) {
      const session = threads.open(config, workerOptions, {
        ...listener,
        message: (message: FromWorker) => {
          types.push(message.type);
          listener.message(message);
        },
        ended: (ending) => listener.ended(ending),
      });
      const post = session.post.bind(session);
      session.post = (message: ToWorker, transfer) => {
        types.push(message.type);
        post(message as never, transfer as never);
      };
      return session;
    },
  };
  return { types, executor: open('inputs.js', { backend, ...options }) };
}

/** Resolves when the number of arrivals has not changed for some turns of all threads. */
async function settled(gate: Gate): Promise<number> {
  let before = -1;
  let same = 0;
  await until(() => {
    same = gate.arrived === before ? same + 1 : 0;
    before = gate.arrived;
    return same > 10;
  });
  return before;
}

describe.each([1, 2])('G20 Streams as arguments, with maxWorkers %i', (maxWorkers) => {
  it('a task reads the values of another task', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const { sum, collect, count } = executor.tasks;
    expect(await sum(count.stream(10_000))).toBe(50_005_000);
    expect(await collect(count.stream(3))).toEqual([1, 2, 3]);
    expect(await collect(count.stream(0))).toEqual([]);
  });

  it('the task of a stream runs once for each reader', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    using gate = new Gate();
    const source = executor.tasks.noted.stream(gate.cells, 5);
    expect(await Promise.all([executor.tasks.collect(source), executor.tasks.collect(source)])).toEqual([
      numbers(5),
      numbers(5),
    ]);
    expect(gate.arrived).toBe(10);
  });

  it('each of two stages is at most its highWaterMark ahead of the task that reads it', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    using source = new Gate();
    using stage = new Gate();
    using reader = new Gate();
    const { noted, pass, readThenWait } = executor.tasks;
    const first = noted.with({ highWaterMark: 3 }).stream(source.cells);
    const second = pass.with({ highWaterMark: 4 }).stream(first, stage.cells);
    const last = readThenWait(second, 10, reader.cells);
    await reader.arrivals();
    // The reader has read 10 values, so the stage has made at most 14.
    expect(await settled(stage)).toBeLessThanOrEqual(10 + 4);
    expect(stage.arrived).toBeGreaterThanOrEqual(10);
    // The stage may hold one value that it has read and not emitted. The source is 3 ahead of it.
    expect(await settled(source)).toBeLessThanOrEqual(10 + 4 + 1 + 3);
    last.cancel();
    await until(() => source.notes.includes(LEFT) && stage.notes.includes(LEFT));
  });

  it('a source is at most the bytes of its highWaterMark ahead of its reader', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    using gate = new Gate();
    const { bytes, sumOfFirstBytes } = executor.tasks;
    const chunks = bytes.with({ highWaterMark: { bytes: 4 * 100_000 } });
    // More bytes than the mark flow only if credit for bytes comes back.
    expect(await sumOfFirstBytes(chunks.stream(50, 100_000, gate.cells))).toBe(1_275);
    using other = new Gate();
    using reader = new Gate();
    const last = executor.tasks.readThenWait(chunks.stream(50, 100_000, other.cells) as never, 2, reader.cells);
    await reader.arrivals();
    expect(await settled(other)).toBeLessThanOrEqual(2 + 4);
    last.cancel();
  });

  it('map() runs a task for each value of a stream that reads another stream', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const { count, plus, double } = executor.tasks;
    const results: number[] = [];
    for await (const n of executor.map(double, plus.stream(count.stream(5_000), 1))) results.push(n);
    expect(results).toEqual(numbers(5_000).map((n) => 2 * (n + 1)));
  });

  it('an error of the source is thrown at the reader, after the values before it', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const { caught, plus, failingAfter, sum } = executor.tasks;
    for (const values of [0, 3, 3_000]) {
      const { values: read, error } = await caught(plus.stream(failingAfter.stream(values)));
      expect(read).toEqual(numbers(values));
      expect(error).toBe(`RangeError: failed after ${values}`);
    }
    await expect(sum(failingAfter.stream(5))).rejects.toThrow(RangeError);
  });

  it('a source ends through its finally if its reader breaks, throws, is cancelled or times out', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const { noted, pass, first, throwAfter, readAll } = executor.tasks;
    const ends: [string, (source: ReturnType<typeof noted.stream>, gate: Gate) => Promise<unknown>][] = [
      ['break', (source) => first(source, 3)],
      ['throw', (source) => throwAfter(source, 3).settled()],
      [
        'cancel',
        async (source, gate) => {
          const future = readAll(source, gate.cells);
          await gate.arrivals(3_000);
          future.cancel('enough');
          await expect(future).rejects.toThrow(CancelledError);
          await until(() => gate.notes.includes(1));
        },
      ],
      [
        'timeout',
        async (source, gate) => {
          const future = readAll.with({ timeout: 1_000 })(source, gate.cells);
          await expect(future).rejects.toThrow(TimeoutError);
          await until(() => gate.notes.includes(1));
        },
      ],
    ];
    for (const [, end] of ends) {
      using source = new Gate();
      using stage = new Gate();
      using reader = new Gate();
      await end(pass.stream(noted.stream(source.cells), stage.cells), reader);
      await until(() => source.notes.includes(LEFT) && stage.notes.includes(LEFT));
    }
    await until(() => executor.stats().running === 0);
  });

  it('a source ends if the subscriber of the last stage leaves', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    using source = new Gate();
    using stage = new Gate();
    const { noted, pass } = executor.tasks;
    expect(await firstValueFrom(pass.stream(noted.stream(source.cells), stage.cells))).toBe(1);
    await until(() => source.notes.includes(LEFT) && stage.notes.includes(LEFT));
  });

  it('a signal that cancels a source throws a CancelledError at each of its readers', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const controller = new AbortController();
    using gate = new Gate();
    const { noted, readAll } = executor.tasks;
    const source = noted.with({ signal: controller.signal }).stream(gate.cells);
    using one = new Gate();
    using other = new Gate();
    const readers = [readAll(source, one.cells), readAll(source, other.cells)];
    await Promise.all([one.arrivals(2_000), other.arrivals(2_000)]);
    controller.abort();
    for (const reader of readers) await expect(reader).rejects.toThrow(CancelledError);
    await until(() => gate.notes.length === 2);
  });

  it('a task may ask for several values at once, and receives them in order', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    expect(await executor.tasks.askAhead(executor.tasks.count.stream(), 3_000)).toEqual(numbers(3_000));
    expect(await executor.tasks.askAhead(executor.tasks.count.stream(2), 4)).toEqual([1, 2, undefined, undefined]);
  });

  it('a task can read a stream argument once, and a second loop over it is empty', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    expect(await executor.tasks.collectTwice(executor.tasks.count.stream(3))).toEqual([numbers(3), []]);
  });

  it('a source does not start if its task never asks for a value', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    using gate = new Gate();
    expect(await executor.tasks.ignore(executor.tasks.noted.stream(gate.cells), 7)).toBe(7);
    expect(gate.arrived).toBe(0);
  });

  it('a task reads two streams, and may have a Future as another argument', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const { count, zip, sumBeside, double } = executor.tasks;
    expect(await lastValueFrom(zip.stream(count.stream(3_000), count.stream()).pipe(toArray()))).toEqual(
      numbers(3_000).map((n) => [n, n]),
    );
    expect(await sumBeside(count.stream(3), double(4) as never)).toBe(14);
  });

  it('600 tasks and their sources share the workers, and all of them finish', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const { sum, plus, count } = executor.tasks;
    const futures = numbers(600).map((to) => sum(plus.stream(count.stream(to), 1)));
    expect(await Promise.all(futures)).toEqual(numbers(600).map((to) => (to * (to + 1)) / 2 + to));
  });

  it('a step that is chained to a reader runs after it, also on one worker', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const { sum, plus, count, double } = executor.tasks;
    expect(await sum(plus.stream(count.stream(3))).pipe(chain(double), chain(double))).toBe(24);
  });

  it('a retry of the reader runs its source again', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    using gate = new Gate();
    using reader = new Gate();
    const { noted, collectAtSecondRun } = executor.tasks;
    const source = noted.stream(gate.cells, 5);
    expect(await collectAtSecondRun.with({ retry: 1 })(source, reader.cells)).toEqual(numbers(5));
    await until(() => gate.notes.length === 2);
  });

  it('the source of a failed attempt ends while the next attempt runs', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    using gate = new Gate();
    using reader = new Gate();
    const { noted, collectAtSecondRun } = executor.tasks;
    const source = noted.with({ highWaterMark: 1 }).stream(gate.cells);
    const future = collectAtSecondRun.with({ retry: 1 })(source, reader.cells);
    // The first attempt reads one value, and its source is at most two ahead.
    await until(() => gate.arrived > 20 && gate.notes.length === 1);
    expect(reader.runs).toBe(2);
    expect(future.isSettled).toBe(false);
    future.cancel();
    await until(() => gate.notes.length === 2);
  });

  it('a source that fails before its first value is retried, and one that fails later is not', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    using gate = new Gate();
    const { failingOnce, failingAfter, collect, caught } = executor.tasks;
    expect(await collect(failingOnce.with({ retry: 1 }).stream(gate.cells, 3))).toEqual([1, 2, 3]);
    // After a value, a second run would emit the same values again.
    expect((await caught(failingAfter.with({ retry: 1 }).stream(2))).values).toEqual([1, 2]);
  });

  it('a value that can’t be sent throws a SerializationError at the reader', async () => {
    await using executor = open('inputs.js', { maxWorkers });
    const { values, error } = await executor.tasks.caught(executor.tasks.unsendable.stream() as never);
    expect(values).toEqual([1]);
    expect(error).toMatch(/^SerializationError: value is a function/);
  });

  it('an executor starts the sources of its tasks after shutdown(), because it accepted the tasks before', async () => {
    const executor = open('inputs.js', { maxWorkers });
    const { sum, plus, count, double } = executor.tasks;
    const total = sum(plus.stream(count.stream(5_000), 1));
    const mapped = sum(executor.map(double, numbers(50)));
    await executor.shutdown();
    expect(await total).toBe(12_507_500);
    expect(await mapped).toBe(2_550);
  });
});

describe('G20 Streams as arguments', () => {
  it('values that flow between two workers do not pass through the main thread', async () => {
    const { types, executor } = openNoted();
    const { sum, plus, count } = executor.tasks;
    expect(await sum(plus.stream(count.stream(100_000)))).toBe(5_000_050_000);
    expect(types.filter((type) => /^(items|input-items|credit|input-read)$/.test(type))).toEqual([]);
    // Three tasks run, and the messages are about them, not about the values.
    expect(types.length).toBeLessThan(1_000);
    await executor.shutdown();
  });

  it('values flow while the main thread is blocked', async () => {
    const { executor } = openNoted({ minWorkers: 2 });
    await executor.ready();
    using reader = new Gate();
    const { noted, pass, readAll } = executor.tasks;
    using source = new Gate();
    using stage = new Gate();
    const stages = { source: noted.with({ highWaterMark: 10 }), stage: pass.with({ highWaterMark: 10 }) };
    const future = readAll(stages.stage.stream(stages.source.stream(source.cells), stage.cells), reader.cells);
    await reader.arrivals();
    const before = reader.arrived;
    // The main thread does not return to its event loop, so it handles no message.
    const end = performance.now() + 10_000;
    while (reader.arrived < before + 5_000 && performance.now() < end) Atomics.wait(reader.cells, 0, reader.arrived, 1);
    expect(reader.arrived).toBeGreaterThanOrEqual(before + 5_000);
    future.cancel();
    await until(() => source.notes.includes(LEFT));
    await executor.shutdown();
  });

  it('a source ends if the worker of its reader dies, and a WorkerDiedError is thrown at the reader if that of its source dies', async () => {
    await using one = open('inputs.js', { maxWorkers: 1 });
    await using other = open('inputs.js', { maxWorkers: 1 });
    using source = new Gate();
    const lost = other.tasks.exitAfter(one.tasks.noted.stream(source.cells), 2_000);
    await expect(lost).rejects.toThrow(WorkerDiedError);
    await until(() => source.notes.includes(LEFT));
    const { values, error } = await other.tasks.caught(one.tasks.exiting.stream());
    expect([values, error]).toEqual([[1], expect.stringMatching(/^WorkerDiedError: /)]);
  });

  it('a source and its reader run on two workers if the executor may start two', async () => {
    await using executor = open('inputs.js');
    const seen = await executor.tasks.threadsOf(executor.tasks.threads.stream(3));
    expect(new Set(seen).size).toBe(2);
  });

  it('the source of a task that waits for its values starts before the tasks in the queue', async () => {
    await using executor = open('inputs.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { sum, count, linger } = executor.tasks;
    const total = sum(count.stream(3));
    // If one of these started first, it would keep the only slot until the gate is open.
    const others = [linger(gate.cells), linger(gate.cells)];
    expect(await total).toBe(6);
    gate.open();
    await Promise.all(others);
  });

  it('a source with a highWaterMark of 1 ends at most two values ahead of a task that has finished', async () => {
    await using executor = open('inputs.js');
    using gate = new Gate();
    expect(await executor.tasks.first(executor.tasks.noted.with({ highWaterMark: 1 }).stream(gate.cells), 1)).toEqual([
      1,
    ]);
    await until(() => gate.notes.includes(LEFT));
    expect(gate.arrived).toBeLessThanOrEqual(3);
  });

  it('a task of one executor reads the stream of another executor', async () => {
    await using one = open('inputs.js');
    await using other = open('inputs.js');
    expect(await other.tasks.sum(one.tasks.count.stream(5_000))).toBe(12_502_500);
    const { caught } = other.tasks;
    expect((await caught(one.tasks.failingAfter.stream(3))).values).toEqual([1, 2, 3]);
  });

  it('stages may have keys, and a stage with the key of its reader throws a TypeError at the reader', async () => {
    await using executor = open('inputs.js');
    const { sum, plus, count, caught } = executor.tasks;
    const keyed = plus.with({ key: 'b' }).stream(count.with({ key: 'c' }).stream(100));
    expect(await sum.with({ key: 'a' })(keyed)).toBe(5_050);
    const own = plus.stream(count.with({ key: 'a' }).stream(100));
    const { error } = await caught.with({ key: 'a' })(own);
    expect(error).toMatch(/^TypeError: Stream "count" has the key "a"/);
  });
});

describe('G20 Streams as arguments, from the caller', () => {
  it.each([
    ['an async generator', () => later(5)],
    ['a generator', () => now(5)],
    ['an iterator of an array', () => numbers(5).values()],
    ['an object with Symbol.iterator', () => ({ [Symbol.iterator]: () => now(5) })],
    ['an object with Symbol.asyncIterator', () => ({ [Symbol.asyncIterator]: () => later(5) })],
    ['an Observable', () => new Observable<number>((s) => { for (const n of now(5)) s.next(n); s.complete(); })], // biome-ignore format: a row
    ['a ReadableStream', () => webStream(5)],
    ['an array', () => numbers(5)],
    ['a Set', () => new Set(numbers(5))],
    ['a typed array', () => Uint8Array.from(numbers(5))],
  ])('a task reads %s', async (_, make) => {
    await using executor = open('inputs.js');
    expect(await executor.tasks.collect(make() as AsyncIterable<number>)).toEqual(numbers(5));
  });

  it('a source of the caller is at most the highWaterMark of the reader ahead', async () => {
    await using executor = open('inputs.js');
    using reader = new Gate();
    for (const make of [now, later]) {
      let asked = 0;
      const source = counted(make(Number.POSITIVE_INFINITY), () => asked++);
      const before = reader.arrived;
      const last = executor.tasks.readThenWait.with({ highWaterMark: 8 })(source, 20, reader.cells);
      await reader.arrivals(before + 1);
      for (let i = 0; i < 50; i++) await aTurn();
      expect(asked).toBeLessThanOrEqual(20 + 8);
      last.cancel();
    }
  });

  it('a value of the caller arrives as it was when its source emitted it', async () => {
    await using executor = open('inputs.js');
    const one = { n: 0 };
    function* same() {
      for (one.n = 1; one.n <= 3; one.n++) yield one;
    }
    expect(await executor.tasks.collect(same() as never)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('an Observable can’t wait, so its values are kept until the task reads them', async () => {
    await using executor = open('inputs.js');
    const subject = new Subject<number>();
    using reader = new Gate();
    const future = executor.tasks.readThenWait.with({ highWaterMark: 2 })(subject, 1, reader.cells);
    await until(() => subject.observed);
    for (const n of numbers(1_000)) subject.next(n);
    subject.complete();
    await reader.arrivals();
    reader.open();
    expect(await future).toBe(500_500);
  });

  it('a source of the caller ends through its finally if its reader leaves, and its error is thrown at the reader', async () => {
    await using executor = open('inputs.js');
    const { first, caught } = executor.tasks;
    let left = 0;
    async function* source() {
      try {
        yield* later(Number.POSITIVE_INFINITY);
      } finally {
        left++;
      }
    }
    expect(await first(source(), 3)).toEqual([1, 2, 3]);
    await until(() => left === 1);
    async function* failing() {
      yield 1;
      throw new RangeError('mine');
    }
    const outcome = await caught(failing());
    expect(outcome.values).toEqual([1]);
    expect(outcome.error).toBe('RangeError: mine');
  });

  it('a source that can be read only once throws a TypeError at a second attempt and at a second reader', async () => {
    await using executor = open('inputs.js');
    using gate = new Gate();
    const { collectAtSecondRun, collect, caught } = executor.tasks;
    const again = collectAtSecondRun.with({ retry: 3 })(later(5), gate.cells);
    await expect(again).rejects.toThrow(/^arguments\[0\] of task "collectAtSecondRun" was read before/);
    await expect(again).rejects.toMatchObject({ name: 'TypeError', cause: { message: 'once' } });
    expect(gate.runs).toBe(1);
    const source = now(3);
    expect(await collect(source)).toEqual([1, 2, 3]);
    expect((await caught(source as never)).error).toMatch(
      /^TypeError: arguments\[0\] of task "caught" was read before/,
    );
  });

  it('a call throws a TypeError for a stream inside another value, and so do share() and broadcast()', async () => {
    await using executor = open('inputs.js');
    const { sum, count } = executor.tasks as Record<string, any>;
    const stream = count.stream(3);
    expect(() => sum({ stream })).toThrow(
      new TypeError(
        'arguments[0].stream is a stream inside a larger value. Pass the stream itself as an argument of a task.',
      ),
    );
    for (const nested of [[now(1)], [later(1)], new Map([[1, stream]]), { a: [{ [Symbol.asyncIterator]: now }] }])
      expect(() => sum(nested)).toThrow(TypeError);
    expect(() => executor.share(stream as never)).toThrow(/^share\(value\): a stream can't be shared/);
    expect(() => executor.share([later(1)] as never)).toThrow(TypeError);
    expect(() => executor.broadcast(sum, stream)).toThrow(/^broadcast\(\): argument 1 is a stream/);
  });

  it('a Future inside another value rejects the call with a SerializationError that names its place', async () => {
    await using executor = open('inputs.js');
    const { collect } = executor.tasks as Record<string, any>;
    const future = collect([1]);
    const outcomes = allSettled([future]);
    const places = [
      ['[0]', collect([future])],
      ['.of', collect({ of: future })],
      ['[0].future', collect(outcomes)],
      ['[0].future', collect(await outcomes)],
    ];
    for (const [place, call] of places)
      await expect(call).rejects.toMatchObject({
        name: 'SerializationError',
        message: expect.stringMatching(/^arguments\[0\].* is a Future\. Pass the Future itself as an argument/),
        path: `arguments[0]${place}`,
      });
  });

  it.each(waitingSources)(
    '%s ends as soon as its reader is cancelled, although it waits for a value',
    async (_, make) => {
      await using executor = open('inputs.js');
      using gate = new Gate();
      let left = 0;
      const future = executor.tasks.readAll(
        make(() => left++),
        gate.cells,
      );
      await gate.arrivals();
      future.cancel();
      await until(() => left === 1);
    },
  );
});

describe('G20 Streams as arguments, through(task)', () => {
  it('pipe(through(task)) returns a ResultStream of the values of the task', async () => {
    await using executor = open('inputs.js');
    const { count, plus } = executor.tasks;
    const stream = count.stream(3).pipe(through(plus, 10), through(plus, 100));
    const values = [];
    for await (const n of stream) values.push(n);
    expect(values).toEqual([111, 112, 113]);
    expect(await lastValueFrom(stream.pipe(toArray()))).toEqual([111, 112, 113]);
  });

  it('through(task) reads any Observable and a Future, and throws a TypeError for a plain function', async () => {
    await using executor = open('inputs.js');
    const { plus, double, sum } = executor.tasks;
    const source = new Observable<number>((subscriber) => {
      subscriber.next(1);
      subscriber.complete();
    });
    expect(await lastValueFrom(source.pipe(through(plus, 1)))).toBe(2);
    expect(await lastValueFrom(double(2).pipe(through(plus, 1)))).toBe(5);
    expect(await lastValueFrom(source.pipe(through(sum)))).toBe(1);
    expect(() => through((() => {}) as never)).toThrow(TypeError);
  });
});

async function* later(to: number) {
  for (let i = 1; i <= to; i++) {
    if (i % 7 === 0) await aTurn();
    yield i;
  }
}

function* now(to: number) {
  for (let i = 1; i <= to; i++) yield i;
}

function webStream(to: number): ReadableStream<number> {
  return new ReadableStream<number>({
    start(controller) {
      for (const n of now(to)) controller.enqueue(n);
      controller.close();
    },
  });
}

/** Counts the values that are taken from a source. */
function counted<T extends AsyncGenerator<number> | Generator<number>>(source: T, count: () => void): T {
  const next = source.next.bind(source);
  source.next = ((...args: []) => {
    count();
    return next(...args);
  }) as never;
  return source;
}
