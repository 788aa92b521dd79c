/** `through`: a stream passes through a task. The tasks run on this thread. */
import { Deferred, Executor, through } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { firstValueFrom, lastValueFrom, Observable, of, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.js';

/** The stages that were left. */
let left: string[] = [];

async function* times(numbers: AsyncIterable<number>, factor: number, name = 'times'): AsyncGenerator<number> {
  try {
    for await (const n of numbers) yield factor * n;
  } finally {
    left.push(name);
  }
}

async function sum(numbers: AsyncIterable<number>): Promise<number> {
  let total = 0;
  for await (const n of numbers) total += n;
  return total;
}

function* count(to: number): Generator<number> {
  try {
    for (let n = 1; n <= to; n++) yield n;
  } finally {
    left.push('count');
  }
}

const module = { times, sum, count };

function open(): Executor<typeof module> {
  left = [];
  return new Executor<typeof module>({ backend: inlineBackend({ module: () => module }) });
}

const valuesOf = <T>(stream: Observable<T>) => lastValueFrom(stream.pipe(toArray()));

describe('through', () => {
  it('a task in through() receives the values of the stream, and the other arguments', async () => {
    await using executor = open();
    expect(await valuesOf(executor.tasks.count.stream(3).pipe(through(executor.tasks.times, 10)))).toEqual([
      10, 20, 30,
    ]);
  });

  it('stages follow each other in one pipe() call, and the result can be iterated', async () => {
    await using executor = open();
    const { count, times } = executor.tasks;
    const values: number[] = [];
    for await (const n of count.stream(3).pipe(through(times, 2), through(times, 5))) values.push(n);
    expect(values).toEqual([10, 20, 30]);
  });

  it('a task that is not a generator emits its one result', async () => {
    await using executor = open();
    expect(await valuesOf(executor.tasks.count.stream(3).pipe(through(executor.tasks.sum)))).toEqual([6]);
  });

  it('an argument may be a Future', async () => {
    await using executor = open();
    const factor = new Deferred<number>();
    const values = valuesOf(of(1, 2).pipe(through(executor.tasks.times, factor.future)));
    factor.resolve(3);
    expect(await values).toEqual([3, 6]);
  });

  it('a Future before the operator is a stream of its value', async () => {
    await using executor = open();
    const source = new Deferred<number>();
    const values = valuesOf(source.future.pipe(through(executor.tasks.times, 3)));
    source.resolve(2);
    expect(await values).toEqual([6]);
  });

  it('the error of a source is thrown in the task that reads it, and ends the result', async () => {
    await using executor = open();
    const failing = new Observable<number>((subscriber) => {
      subscriber.next(1);
      subscriber.error(new RangeError('out of paper'));
    });
    const seen: unknown[] = [];
    await new Promise<void>((done) => {
      failing.pipe(through(executor.tasks.times, 2)).subscribe({
        next: (n) => seen.push(n),
        error: (error) => done(void seen.push(error)),
      });
    });
    expect(seen).toEqual([2, expect.objectContaining({ name: 'RangeError', message: 'out of paper' })]);
  });

  it('a reader that leaves ends all stages through their finally', async () => {
    await using executor = open();
    const { count, times } = executor.tasks;
    const stages = count.stream(1_000).pipe(through(times, 2, 'first'), through(times, 5, 'second'));
    expect(await firstValueFrom(stages)).toBe(10);
    await until(() => left.length === 3);
    expect(left.toSorted()).toEqual(['count', 'first', 'second']);
  });

  it('the stream of through() is cold: nothing runs before a subscription, and each one runs all stages', async () => {
    await using executor = open();
    let subscriptions = 0;
    const source = new Observable<number>((subscriber) => {
      subscriptions++;
      subscriber.next(1);
      subscriber.complete();
    });
    const stream = source.pipe(through(executor.tasks.times, 2));
    expect(subscriptions).toBe(0);
    expect([await valuesOf(stream), await valuesOf(stream)]).toEqual([[2], [2]]);
    expect(subscriptions).toBe(2);
  });

  it.each([
    ['a function', () => {}],
    ['undefined', undefined],
    ['an object', {}],
  ])('through() throws a TypeError for %s instead of a task', (_, task) => {
    expect(() => through(task as never)).toThrow(TypeError);
    expect(() => through(task as never)).toThrow(/^through\(task\): expected a task of an executor/);
  });
});
