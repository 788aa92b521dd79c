/** G8 Leaving: a stream that is left cancels what it started. */
import type { ResultStream } from 'rx-futures';
import { firstValueFrom, lastValueFrom, Subject, switchMap, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

/** Ways to leave a stream after its first value. */
const ways: [string, (stream: ResultStream<unknown>) => Promise<unknown>][] = [
  [
    'unsubscribing',
    (stream) =>
      new Promise<void>((left) => {
        const subscription = stream.subscribe(() => {
          subscription.unsubscribe();
          left();
        });
      }),
  ],
  ['take(1)', (stream) => lastValueFrom(stream.pipe(take(1)))],
  ['firstValueFrom', (stream) => firstValueFrom(stream)],
  [
    'a break out of for await',
    async (stream) => {
      for await (const _ of stream) break;
    },
  ],
  [
    'a throw in for await',
    async (stream) => {
      await expect(failOnFirst(stream)).rejects.toThrow('enough');
    },
  ],
  [
    'return() of its iterator',
    async (stream) => {
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.return!();
    },
  ],
];

const endless = [
  'untilLeft',
  'untilLeftInPromises',
  'untilAborted',
  'iteratorUntilLeft',
  'observableUntilLeft',
] as const;

describe('G8 leaving a stream', () => {
  it.each(ways)('%s runs the finally of its generator, and aborts its signal with the reason', async (_, leave) => {
    await using executor = open('streams.js');
    using gate = new Gate();
    await leave(executor.tasks.untilLeft.stream(gate.cells));
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toBe('aborted: the reader of untilLeft has left');
  });

  it.each(endless)('lets go of all that a stream is made from, and keeps the worker: %s', async (name) => {
    await using executor = open('streams.js', { maxWorkers: 1, terminateAfter: 1_000 });
    using gate = new Gate();
    const thread = await executor.tasks.whichThread();
    for await (const _ of executor.stream(name, gate.cells)) break;
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toBe(`aborted: the reader of ${name} has left`);
    expect(await executor.tasks.whichThread()).toBe(thread);
    expect(gate.arrived).toBe(1);
  });

  it('lets go of an async generator in the middle of an await', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const iterator = executor.tasks.untilAborted.stream(gate.cells)[Symbol.asyncIterator]();
    expect([(await iterator.next()).value, (await iterator.next()).value]).toEqual([1, 2]);
    const third = iterator.next();
    await iterator.return!();
    expect(await third).toEqual({ done: true, value: undefined });
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toMatch(/^aborted/);
  });

  it('lets go of a generator that waits for its reader', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, untilLeft } = executor.tasks;
    const iterator = untilLeft.with({ highWaterMark: 2 }).stream(gate.cells)[Symbol.asyncIterator]();
    await iterator.next();
    // There is one place on one worker: that this one gets it shows that the stream has given it away.
    await add(1, 1);
    await iterator.return!();
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toMatch(/^aborted/);
  });

  it.each(['loopInTheSecond', 'waitInTheSecond'] as const)(
    'costs a generator that ignores everything its worker, after terminateAfter: %s',
    async (name) => {
      await using executor = open('streams.js', { maxWorkers: 1, terminateAfter: 5 });
      using gate = new Gate();
      const { whichThread } = executor.tasks;
      const thread = await whichThread();
      const iterator = executor.stream(name, gate.cells)[Symbol.asyncIterator]();
      await iterator.next();
      await gate.arrivals();
      await iterator.return!();
      expect(await whichThread()).not.toBe(thread);
    },
  );

  it('never runs what is left before its turn', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    using held = new Gate();
    const { add, count, linger } = executor.tasks;
    count.stream(gate.cells).subscribe().unsubscribe();
    const first = linger(held.cells);
    await held.arrivals();
    const behind = count.stream(gate.cells).subscribe();
    await Promise.resolve();
    behind.unsubscribe();
    held.open();
    await first;
    await add(1, 1);
    expect(gate.arrived).toBe(0);
  });

  it('hurts no other reader of the same stream', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    const stream = executor.tasks.lingerInTheSecond.stream(gate.cells);
    const staying = stream[Symbol.asyncIterator]();
    const leaving = stream[Symbol.asyncIterator]();
    await Promise.all([staying.next(), leaving.next()]);
    await gate.arrivals(2);
    await leaving.return!();
    gate.open();
    expect([await staying.next(), await staying.next()]).toMatchObject([{ value: 2 }, { done: true }]);
  });

  it('aborts nothing where the stream has come to its end', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    await lastValueFrom(executor.tasks.rangeAndTell.stream(gate.cells, 3));
    expect(String.fromCharCode(...gate.notes)).toBe('not aborted');
  });

  it('stops a plain task too, as switchMap does with a search that is outdated', async () => {
    await using executor = open('context.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { describeSelf, untilAborted } = executor.tasks;
    const typed = new Subject<'t' | 'tasks'>();
    const seen: unknown[] = [];
    typed
      .pipe(switchMap((text) => (text === 't' ? untilAborted.stream(gate.cells) : describeSelf.stream())))
      .subscribe((value) => seen.push(value));
    typed.next('t');
    await gate.arrivals();
    typed.next('tasks');
    await gate.arrivals(2);
    expect(String.fromCharCode(...gate.notes)).toBe('"the reader of untilAborted has left"');
    await executor.shutdown();
    expect(seen).toMatchObject([{ name: 'describeSelf', isAborted: false }]);
  });

  it('gives the place of a stale stream to the next one, over and over', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { range, untilLeft } = executor.tasks;
    const typed = new Subject<boolean>();
    const last = lastValueFrom(
      typed.pipe(switchMap((isLast) => (isLast ? range.stream(3) : untilLeft.stream(gate.cells)))),
    );
    for (let i = 0; i < 20; i++) typed.next(false);
    typed.next(true);
    typed.complete();
    expect(await last).toBe(3);
    expect(executor.stats().pending).toBe(0);
  });
});

async function failOnFirst(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) throw new Error('enough');
}
