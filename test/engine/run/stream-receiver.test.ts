import { setImmediate as aTurn } from 'node:timers/promises';
import { Deferred } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { StreamReceiver } from '../../../src/engine/run/stream-receiver.js';
import type { TaskRun } from '../../../src/engine/run/task-run.js';

/** Opens a receiver whose reader takes values only when the test calls `take`. */
function receive(values: number, { buffers = true, bytes = Number.POSITIVE_INFINITY } = {}) {
  const deferred = new Deferred<unknown>();
  const log: unknown[] = [];
  const granted: number[] = [];
  const buffer: unknown[] = [];
  const sink = {
    isClosed: false,
    get buffered() {
      return buffer.length;
    },
    next(value: unknown) {
      if (buffers) buffer.push(value);
      else log.push(value);
    },
    error: (error: unknown) => log.push(['error', error]),
    complete: () => log.push('complete'),
  };
  const run = {
    name: 'count',
    future: deferred.future,
    rare: {} as { valueSink?: unknown },
    isOnWorker: true,
    grant(count: number) {
      if (run.isOnWorker) granted.push(count);
      return run.isOnWorker;
    },
  };
  const receiver = new StreamReceiver(run as unknown as TaskRun, sink as never, { values, bytes });
  const take = (count: number) => {
    log.push(...buffer.splice(0, count));
    receiver.valueRead();
  };
  return { receiver, run, sink, deferred, log, granted, take };
}

describe('StreamReceiver', () => {
  it('the receiver passes values to the reader in order, and becomes the value sink of the run', () => {
    const { receiver, run, log } = receive(4, { buffers: false });
    expect(run.rare.valueSink).toBe(receiver);
    expect(receiver.hasEmitted).toBe(false);
    receiver.streamed([1, 2], 0);
    expect(log).toEqual([1, 2]);
    expect(receiver.hasEmitted).toBe(true);
  });

  it('credit is returned in batches of a quarter of the high-water mark', () => {
    const { receiver, granted } = receive(16, { buffers: false });
    receiver.streamed([1, 2, 3], 0);
    expect(granted).toEqual([]);
    receiver.streamed([4], 0);
    receiver.streamed([5, 6, 7, 8, 9], 0);
    expect(granted).toEqual([4, 5]);
  });

  it('values that the reader has not read return no credit', () => {
    const { receiver, granted, take } = receive(8);
    receiver.streamed([1, 2, 3, 4], 0);
    expect(granted).toEqual([]);
    take(1);
    expect(granted).toEqual([]);
    take(1);
    take(2);
    expect(granted).toEqual([2, 2]);
  });

  it('credit is also returned when the consumed messages have a quarter of the bytes', () => {
    const { receiver, granted, take } = receive(100, { bytes: 2_000 });
    receiver.streamed([1, 2], 400);
    receiver.streamed([3], 400);
    receiver.streamed([4], 50);
    take(2);
    expect(granted).toEqual([]);
    take(1);
    expect(granted).toEqual([3]);
    take(1);
    expect(granted).toEqual([3]);
  });

  it('all credit is returned for a value that is larger than the limit', () => {
    const { receiver, granted, take } = receive(8, { bytes: 10 });
    receiver.streamed([1, 2, 3, 4], 5_000);
    take(2);
    expect(granted).toEqual([2]);
    take(1);
    expect(granted).toEqual([2]);
    take(1);
    expect(granted).toEqual([2, 2]);
  });

  it('credit stays due if the run cannot return it, because it is not on a worker', () => {
    const { receiver, run, granted } = receive(2, { buffers: false });
    run.isOnWorker = false;
    receiver.streamed([1, 2], 0);
    expect(granted).toEqual([]);
    run.isOnWorker = true;
    receiver.streamed([3], 0);
    expect(granted).toEqual([3]);
  });

  it('a reader that takes long returns no credit after a time slice, and all in the next turn', async () => {
    const { receiver, sink, granted } = receive(8, { buffers: false });
    const { next } = sink;
    sink.next = (value) => {
      const until = performance.now() + 4;
      while (performance.now() < until);
      next(value);
    };
    for (let i = 0; i < 10; i++) receiver.streamed([1, 2], 0);
    const returned = granted.reduce((sum, count) => sum + count, 0);
    expect(returned).toBeLessThan(10);
    await aTurn();
    expect(granted.reduce((sum, count) => sum + count, 0)).toBe(20);
  });

  it('values that arrive after the reader has left are dropped', () => {
    const { receiver, sink, log } = receive(4, { buffers: false });
    sink.next = (value) => {
      log.push(value);
      sink.isClosed = true;
    };
    receiver.streamed([1, 2, 3], 0);
    expect(log).toEqual([1]);
  });

  it('the end of the run ends the stream', () => {
    const fulfilled = receive(4);
    fulfilled.deferred.resolve(undefined);
    expect(fulfilled.log).toEqual(['complete']);
    const rejected = receive(4);
    const error = new Error('no more');
    rejected.deferred.reject(error);
    expect(rejected.log).toEqual([['error', error]]);
  });

  it('stop() cancels the run, with a reason that names the task', async () => {
    const { receiver, deferred, sink } = receive(4);
    sink.isClosed = true;
    receiver.stop();
    expect(deferred.future.outcome).toMatchObject({
      status: 'cancelled',
      reason: { cause: 'the reader of "count" has left' },
    });
  });
});
