/** G8 Leaving: leaving a stream cancels the task that it started. */
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

describe('G8 Leaving: a stream', () => {
  it.each(ways)(
    '%s runs the finally block of the generator and aborts its signal with the reason',
    async (_, leave) => {
      await using executor = open('streams.js');
      using gate = new Gate();
      await leave(executor.tasks.untilLeft.stream(gate.cells));
      await gate.arrivals();
      expect(String.fromCharCode(...gate.notes)).toBe('aborted: the reader of "untilLeft" has left');
    },
  );

  it.each(endless)('leaving a stream ends its source and keeps the worker: %s', async (name) => {
    await using executor = open('streams.js', { maxWorkers: 1, terminateAfter: 1_000 });
    using gate = new Gate();
    const thread = await executor.tasks.whichThread();
    for await (const _ of executor.stream(name, gate.cells)) break;
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toBe(`aborted: the reader of "${name}" has left`);
    expect(await executor.tasks.whichThread()).toBe(thread);
    expect(gate.arrived).toBe(1);
  });

  it('leaving a stream ends an async generator in the middle of an await', async () => {
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

  it('leaving a stream ends a generator that waits for its reader', async () => {
    await using executor = open('streams.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { add, untilLeft } = executor.tasks;
    const iterator = untilLeft.with({ highWaterMark: 2 }).stream(gate.cells)[Symbol.asyncIterator]();
    await iterator.next();
    // There is one slot on one worker. This task can only run if the waiting stream does not occupy
    // the slot.
    await add(1, 1);
    await iterator.return!();
    await gate.arrivals();
    expect(String.fromCharCode(...gate.notes)).toMatch(/^aborted/);
  });

  it.each(['loopInTheSecond', 'waitInTheSecond'] as const)(
    'a generator that ignores its signal loses its worker after terminateAfter: %s',
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

  it('a stream that is left before its task starts never runs', async () => {
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

  it('leaving a stream does not affect other readers of the same stream', async () => {
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

  it('the signal does not abort if the stream has ended by itself', async () => {
    await using executor = open('streams.js');
    using gate = new Gate();
    await lastValueFrom(executor.tasks.rangeThenNote.stream(gate.cells, 3));
    expect(String.fromCharCode(...gate.notes)).toBe('not aborted');
  });

  it('switchMap stops a plain task whose result is outdated', async () => {
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
    expect(String.fromCharCode(...gate.notes)).toBe('"the reader of \\"untilAborted\\" has left"');
    await executor.shutdown();
    expect(seen).toMatchObject([{ name: 'describeSelf', isAborted: false }]);
  });

  it('the next stream gets the slot of an outdated one, many times in a row', async () => {
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
