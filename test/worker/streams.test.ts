import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Transferable } from '../../src/protocol/transfer.js';
import { Streams } from '../../src/worker/streams.js';
import type { TaskContext } from '../../src/worker/task-context.js';
import { transfer } from '../../src/worker.js';

/** More than any stream here gives. */
const plenty = 1_000;

describe('the streams of a worker', () => {
  it('give what there is credit for, rest, and go on', async () => {
    const { credit, log } = begin(range(5), 2);
    await timeSlice();
    expect(log).toEqual([1, 2, 'paused']);
    credit(1);
    await timeSlice();
    credit(plenty);
    await timeSlice();
    expect(log.slice(3)).toEqual(['resumed', 3, 'paused', 'resumed', 4, 5, 'ended']);
  });

  it('rest no more when they have ended while they rested', async () => {
    const { leave, log } = begin(range(5), 1);
    await timeSlice();
    leave();
    await timeSlice();
    expect(log).toEqual([1, 'paused', 'resumed', 'ended']);
  });

  it('send what was given before they are dropped, and nothing after that', async () => {
    const { credit, drop, log } = begin(rangeInPromises(40), plenty);
    for (let tick = 0; tick < 50; tick++) await Promise.resolve();
    drop();
    await Promise.resolve();
    const given = log.filter(Number.isInteger);
    expect(given.length).toBeGreaterThan(10);
    expect(log).toEqual([...given, 'ended']);
    credit(plenty);
    await timeSlice();
    expect(log).toEqual([...given, 'ended']);
  });

  it('send what was given when the thread ends in the middle of a value', async () => {
    let seen: unknown[] = [];
    function* dying() {
      yield* range(40);
      flush();
      seen = log.filter(Number.isInteger);
    }
    const { credit, flush, log } = begin(dying(), 0);
    credit(plenty);
    await timeSlice();
    expect(seen).toEqual(upTo(40));
  });

  it('send what comes before a value that can not be sent, with what moves with it', async () => {
    const { port1 } = new MessageChannel();
    const { log } = begin([1, transfer({ port1 }), () => {}, 4].values(), plenty);
    await timeSlice();
    expect(log).toEqual([1, expect.objectContaining({ port1: expect.anything() }), 'failed: can not be sent']);
  });

  it('let messages come between their values, also where nothing of them ever waits', async () => {
    for (const source of [slowly(), slowlyInPromises()]) {
      const { leave, log } = begin(source, plenty);
      // A turn is over after 10 ms, and each of its values takes 3.
      await timeSlice();
      expect(log.length).toBeLessThan(20);
      leave();
      await timeSlice();
      await timeSlice();
      expect(log.at(-1)).toBe('ended');
    }
  });

  it('never give more than there is credit for, nor out of order, nor after their end; and rest in turns', async () => {
    await fc.assert(
      fc.asyncProperty(
        source,
        fc.integer({ min: 1, max: 60 }),
        fc.array(event, { maxLength: 30 }),
        async (make, first, events) => {
          const stream = begin(make(50), first);
          const { log } = stream;
          let granted = first;
          for (const { type, count } of events) {
            if (type === 'turn') await timeSlice();
            else stream[type](count);
            if (type === 'credit') granted += count;
            expect(log.filter(Number.isInteger).length).toBeLessThanOrEqual(granted);
          }
          stream.credit(plenty);
          while (!log.includes('ended')) await timeSlice();
          const given = log.filter(Number.isInteger) as number[];
          const isLeft = events.some(({ type }) => type === 'leave');
          // What waits here when its reader leaves is of no use to anyone.
          expect(given).toEqual(isLeft ? [...given].sort((a, b) => a - b) : upTo(given.length));
          if (!isLeft && !events.some(({ type }) => type === 'drop')) expect(given).toHaveLength(50);
          const pauses = log.filter((entry) => entry === 'paused' || entry === 'resumed');
          expect(pauses).toEqual(
            Array(pauses.length / 2)
              .fill(['paused', 'resumed'])
              .flat(),
          );
          expect(log.indexOf('ended')).toBe(log.length - 1);
        },
      ),
    );
  });
});

const source = fc.constantFrom<(to: number) => unknown>(range, rangeInPromises, rangeInTurns);

const event = fc.record({
  type: fc.constantFrom('credit', 'credit', 'credit', 'turn', 'turn', 'turn', 'flush', 'leave', 'drop'),
  count: fc.integer({ min: 1, max: 30 }),
});

/** A stream, and all that its host hears of it: values, rests, its end. */
function begin(result: unknown, first: number) {
  const log: unknown[] = [];
  const streams = new Streams({
    post: (message, transfer: readonly Transferable[] = []) => {
      if (message.type === 'items') log.push(...structuredClone(message.values, { transfer: [...transfer] as never }));
    },
    unsendable: () => new Error('can not be sent'),
    within: (_task, run) => run(),
    paused: () => log.push('paused'),
    resumed: () => log.push('resumed'),
    cleanupFailed: () => log.push('cleanup failed'),
  });
  const [id, slot] = [7, 3];
  streams.run({ id, slot, isAborted: false } as TaskContext, first, result).then(
    () => log.push('ended'),
    (error: Error) => log.push(`failed: ${error.message}`),
  );
  return {
    log,
    credit: (count: number) => streams.credit(slot, id, count),
    leave: () => streams.leave(slot),
    drop: () => streams.drop(slot),
    flush: () => streams.flush(),
  };
}

function* range(to: number): Generator<number> {
  for (let i = 1; i <= to; i++) yield i;
}

async function* rangeInPromises(to: number): AsyncGenerator<number> {
  yield* range(to);
}

async function* rangeInTurns(to: number): AsyncGenerator<number> {
  for (const i of range(to)) {
    await timeSlice();
    yield i;
  }
}

function* slowly(): Generator<number> {
  for (let i = 1; ; i++) {
    const end = performance.now() + 3;
    while (performance.now() < end);
    yield i;
  }
}

async function* slowlyInPromises(): AsyncGenerator<number> {
  yield* slowly();
}

function upTo(to: number): number[] {
  return Array.from({ length: to }, (_, i) => i + 1);
}

/** Once around the event loop. */
function timeSlice(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
