/** G14 Shutdown drains: a subscribed map or stream is work too, and ends at its own pace. */
import { CancelledError, type Executor, ExecutorShutdownError, type ResultStream } from 'rx-futures';
import { NEVER, type Observable, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { collect } from '../support/collect.js';
import { Gate } from '../support/gate.js';
import { type Fixtures, open } from '../support/open.js';

type Streams = Executor<Fixtures['streams.js']>;

describe('G14 Shutdown drains: a shutdown waits', () => {
  it('a shutdown waits for the last value of a subscribed stream', async () => {
    const executor = open('streams.js');
    using gate = new Gate();
    const seen = collect(executor.tasks.lingerInTheSecond.stream(gate.cells));
    await gate.arrivals();
    const closed = executor.shutdown();
    expect(executor.state).toBe('draining');
    gate.open();
    await closed;
    expect(seen).toEqual(['next 1', 'next 2', 'complete']);
  });

  it('a shutdown waits for a stream that is iterated at the pace of its reader', async () => {
    const executor = open('streams.js');
    const iterator = executor.tasks.range.with({ highWaterMark: 2 }).stream(100)[Symbol.asyncIterator]();
    const { value: first } = await iterator.next();
    const closed = executor.shutdown();
    const rest: number[] = [];
    for await (const value of iterator) rest.push(value);
    await closed;
    expect([first, rest.length, rest.at(-1)]).toEqual([1, 99, 100]);
  });

  it('a shutdown waits for a subscribed map, including inputs that the map has not read yet', async () => {
    const executor = open('streams.js');
    using gate = new Gate();
    let taken = 0;
    function* inputs() {
      while (taken++ < 50) yield gate.cells;
    }
    const seen = collect(executor.map('linger', inputs(), { concurrency: 2 }));
    await gate.arrivals();
    const closed = executor.shutdown();
    expect(taken).toBe(2);
    gate.open();
    await closed;
    expect([seen.length, seen.at(-1)]).toEqual([51, 'complete']);
  });

  it('a shutdown waits for a map whose reader requests the results late', async () => {
    const executor = open('streams.js');
    const iterator = executor.map('double', [1, 2, 3], { concurrency: 1 })[Symbol.asyncIterator]();
    const first = iterator.next();
    const closed = executor.shutdown();
    expect([await first, await iterator.next(), await iterator.next()].map(({ value }) => value)).toEqual([2, 4, 6]);
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    await closed;
  });

  it('a shutdown does not wait for a stream whose reader leaves while the executor drains', async () => {
    const executor = open('streams.js');
    using gate = new Gate();
    const subscription = executor.tasks.untilLeft.stream(gate.cells).subscribe();
    const closed = executor.shutdown();
    subscription.unsubscribe();
    await closed;
    expect(executor.state).toBe('closed');
  });

  it('a shutdown does not wait for a stream without a reader', async () => {
    const executor = open('streams.js');
    executor.tasks.range.stream(3);
    executor.map('double', [1]);
    await executor.shutdown();
    expect(executor.stats().workers).toEqual({ starting: 0, idle: 0, busy: 0, leaving: 0 });
  });
});

describe('G14 Shutdown drains: cancelPending', () => {
  it('cancelPending cancels a stream that has not started and lets a running stream finish', async () => {
    const executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { lingerInTheSecond, range } = executor.tasks;
    const running = collect(lingerInTheSecond.stream(gate.cells));
    await gate.arrivals();
    const waiting = collect(range.stream(3));
    const closed = executor.shutdown({ cancelPending: true });
    expect(waiting).toEqual([expect.stringMatching(/^error CancelledError: /)]);
    gate.open();
    await closed;
    expect(running).toEqual(['next 1', 'next 2', 'complete']);
  });

  it('cancelPending ends a map after the results of its running tasks', async () => {
    const executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const seen = collect(executor.map('linger', Array(20).fill(gate.cells) as Int32Array[]));
    await gate.arrivals();
    const closed = executor.shutdown({ cancelPending: true });
    gate.open();
    await closed;
    expect(seen).toEqual(['next 0', expect.stringMatching(/^error CancelledError: /)]);
    expect(gate.arrived).toBe(1);
  });

  it('cancelPending stops a map with the option settle from reading more inputs', async () => {
    const executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const seen: string[] = [];
    const ended = executor
      .map('linger', forEver(gate.cells), { settle: true })
      .forEach(({ status }) => void seen.push(status))
      .catch((error: Error) => error.name);
    await gate.arrivals();
    const closed = executor.shutdown({ cancelPending: true });
    gate.open();
    await closed;
    expect(await ended).toBe('CancelledError');
    expect(seen[0]).toBe('fulfilled');
    expect(new Set(seen.slice(1))).toEqual(new Set(['cancelled']));
    expect(gate.arrived).toBe(1);
  });

  it('cancelPending lets the running tasks of an unordered map finish and cancels its waiting tasks', async () => {
    const executor = open('streams.js', { maxWorkers: 2 });
    using gate = new Gate();
    const seen = collect(executor.map('linger', forEver(gate.cells), { ordered: false }));
    await gate.arrivals(2);
    const closed = executor.shutdown({ cancelPending: true });
    gate.open();
    await closed;
    expect(seen).toEqual(['next 0', 'next 0', expect.stringMatching(/^error CancelledError: /)]);
    expect(gate.arrived).toBe(2);
  });

  it('cancelPending ends a map that waits for its input', async () => {
    const executor = open('streams.js');
    const inputs = new Subject<number>();
    const seen = collect(executor.map('double', inputs));
    await executor.shutdown({ cancelPending: true });
    expect(seen).toEqual([expect.stringMatching(/^error CancelledError: /)]);
    expect(inputs.observed).toBe(false);
  });
});

describe('G14 Shutdown drains: terminate()', () => {
  const running: [string, (executor: Streams, cells: Int32Array) => ResultStream<unknown>][] = [
    ['a stream', ({ tasks }, cells) => tasks.countLater.stream(cells)],
    ['a stream that holds its thread', ({ tasks }, cells) => tasks.loopInTheSecond.stream(cells)],
    ['a map', (executor, cells) => executor.map('linger', [cells, cells])],
    ['a map that settles', (executor, cells) => executor.map('linger', forEver(cells), { settle: true })],
  ];

  it.each(running)('terminate() ends %s at once with a CancelledError', async (_, start) => {
    const executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const seen = collect(start(executor, gate.cells));
    const reading = readAll(start(executor, gate.cells));
    await gate.arrivals();
    const terminated = executor.terminate();
    expect(seen.at(-1)).toMatch(/^error CancelledError: /);
    await expect(reading).rejects.toBeInstanceOf(CancelledError);
    await terminated;
  });

  it.each<[string, Observable<number> | AsyncIterable<number>]>([
    ['an Observable', NEVER],
    ['an async iterable', { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) }],
  ])('terminate() ends a map that waits for %s at once with a CancelledError', async (_, input) => {
    const executor = open('streams.js');
    const seen = collect(executor.map('double', input));
    const terminated = executor.terminate();
    expect(seen).toEqual([expect.stringMatching(/^error CancelledError: /)]);
    await terminated;
  });
});

describe('G14 Shutdown drains: a stream or map of an executor that has closed', () => {
  it('a stream of a closed executor fails with an ExecutorShutdownError for every reader', async () => {
    const executor = open('streams.js');
    await executor.shutdown();
    for (const stream of [executor.tasks.range.stream(3), executor.stream('range', 3), executor.map('double', [1])]) {
      expect(collect(stream)).toEqual([expect.stringMatching(/^error ExecutorShutdownError: .*is closed/)]);
      await expect(readAll(stream)).rejects.toBeInstanceOf(ExecutorShutdownError);
    }
  });
});

function* forEver<T>(value: T): Generator<T> {
  for (;;) yield value;
}

async function readAll(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}
