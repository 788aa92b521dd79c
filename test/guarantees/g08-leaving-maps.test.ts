/** G8 Leaving: leaving a map cancels the tasks that it started and ends its input. */
import type { ResultStream } from 'rx-futures';
import { Subject, take } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { failure } from '../support/ended.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';
import { afterReports, catchUnhandled } from '../support/reports.js';

const end = { done: true, value: undefined };

describe('G8 Leaving: a map', () => {
  it('leaving a map aborts its running tasks with the reason, and its waiting tasks never run', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    using first = new Gate();
    using second = new Gate();
    const subscription = executor.map('untilAborted', [first.cells, second.cells]).subscribe();
    await first.arrivals();
    subscription.unsubscribe();
    await first.arrivals(2);
    expect(String.fromCharCode(...first.notes)).toBe('"the reader of \\"map(untilAborted)\\" has left"');
    await executor.tasks.describeSelf();
    expect([second.arrived, executor.stats().pending]).toEqual([0, 0]);
  });

  it.each<[string, (stream: ResultStream<number>) => unknown]>([
    ['unsubscribing', (stream) => stream.subscribe().unsubscribe()],
    ['take(2)', (stream) => new Promise<void>((complete) => stream.pipe(take(2)).subscribe({ complete }))],
    ['a break out of for await', readOne],
    ['a throw in for await', (stream) => expect(failOnFirst(stream)).rejects.toBe(failure)],
  ])('leaving a map calls return() of its input once and reads no more: %s', async (_, leave) => {
    await using executor = open('gates.js');
    const returned = vi.fn();
    let taken = 0;
    function* inputs() {
      try {
        for (;;) yield ++taken;
      } finally {
        returned();
      }
    }
    await leave(executor.map('double', inputs()));
    const takenWhenLeft = taken;
    expect(returned).toHaveBeenCalledTimes(1);
    await executor.shutdown();
    expect([taken, returned.mock.calls.length]).toEqual([takenWhenLeft, 1]);
  });

  it('a map that ends with its first failure calls return() of its input', async () => {
    await using executor = open('streams.js');
    const returned = vi.fn();
    function* inputs() {
      try {
        for (let i = 2; ; i++) yield i;
      } finally {
        returned();
      }
    }
    const seen: number[] = [];
    const reading = (async () => {
      for await (const value of executor.map('halve', inputs())) seen.push(value);
    })();
    await expect(reading).rejects.toThrow('3 is odd');
    expect([seen, returned.mock.calls.length]).toEqual([[1], 1]);
  });

  it('a map does not call return() of an input that has ended', async () => {
    await using executor = open('gates.js');
    const iterator = { next: () => end, return: vi.fn(() => end) };
    for await (const _ of executor.map('double', { [Symbol.iterator]: () => iterator as Iterator<number> }));
    expect(iterator.return).not.toHaveBeenCalled();
  });

  it('leaving a map calls return() of an asynchronous input even while it waits for the next item', async () => {
    await using executor = open('gates.js');
    const iterator = { next: () => new Promise<never>(() => {}), return: vi.fn(async () => end) };
    const input = { [Symbol.asyncIterator]: () => iterator as AsyncIterator<number> };
    executor.map('double', input).subscribe().unsubscribe();
    expect(iterator.return).toHaveBeenCalledTimes(1);
  });

  it('leaving a map unsubscribes from an input that is an Observable', async () => {
    await using executor = open('gates.js');
    const input = new Subject<number>();
    const subscription = executor.map('double', input).subscribe();
    expect(input.observed).toBe(true);
    subscription.unsubscribe();
    expect(input.observed).toBe(false);
  });

  it('a map that is cancelled while its input is opened calls return() of the input and reads nothing', async () => {
    const executor = open('gates.js');
    const [next, returned] = [vi.fn(() => end), vi.fn(() => end)];
    const inputs = {
      [Symbol.iterator]() {
        void executor.terminate();
        return { next, return: returned } as unknown as Iterator<number>;
      },
    };
    const error = vi.fn();
    executor.map('double', inputs as Iterable<number>).subscribe({ error });
    await executor.terminate();
    expect([next, returned, error].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 1]);
  });

  it('a map can be left from inside its own input', async () => {
    const executor = open('gates.js');
    const returned = vi.fn();
    function* inputs() {
      try {
        yield 1;
        subscription.unsubscribe();
        for (;;) yield 2;
      } finally {
        returned();
      }
    }
    const seen: number[] = [];
    const subscription = executor.map('double', inputs(), { concurrency: 1 }).subscribe((value) => seen.push(value));
    await executor.shutdown();
    expect([seen, returned.mock.calls.length]).toEqual([[2], 1]);
  });
});

describe('G8 Leaving: a map whose input fails', () => {
  const unhandled = catchUnhandled();

  it('an error of return() is reported, and the shutdown does not hang', async () => {
    const executor = open('gates.js');
    const iterator = {
      next: () => ({ done: false, value: 1 }),
      return: () => {
        throw failure;
      },
    };
    await readOne(executor.map('double', { [Symbol.iterator]: () => iterator }));
    await executor.shutdown();
    await afterReports();
    expect(unhandled.mock.calls).toEqual([[failure]]);
  });

  it.each<[string, () => unknown, unknown[][]]>([
    ['rejecting', () => Promise.reject(failure), [[failure]]],
    ['answering without a promise', () => end, []],
  ])('a map does not wait for an asynchronous return() that ends by %s', async (_, leave, reports) => {
    const executor = open('gates.js');
    const iterator = { next: async () => ({ done: false, value: 1 }), return: vi.fn(leave) };
    await readOne(executor.map('double', { [Symbol.asyncIterator]: () => iterator as AsyncIterator<number> }));
    await executor.shutdown();
    await afterReports();
    expect([iterator.return.mock.calls.length, unhandled.mock.calls]).toEqual([1, reports]);
  });

  it('a map does not wait for an item that was requested before and rejects later', async () => {
    const executor = open('gates.js');
    const { promise, reject } = withReject();
    const input = { [Symbol.asyncIterator]: () => ({ next: () => promise }) };
    executor.map('double', input).subscribe().unsubscribe();
    reject(failure);
    await executor.shutdown();
    await afterReports();
    expect(unhandled).not.toHaveBeenCalled();
  });
});

async function readOne(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) break;
}

async function failOnFirst(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) throw failure;
}

function withReject(): { readonly promise: Promise<never>; readonly reject: (error: unknown) => void } {
  let reject!: (error: unknown) => void;
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  return { promise, reject };
}
