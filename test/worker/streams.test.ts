import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Transferable } from '../../src/protocol/transfer.js';
import { Streams } from '../../src/worker/streams.js';
import type { TaskContext } from '../../src/worker/task-context.js';
import { transfer } from '../../src/worker.js';

/** More credit than any stream of this file uses. */
const plenty = 1_000;

describe('the streams of a worker', () => {
  it('a stream emits as many values as it has credit, pauses, and resumes', async () => {
    const { credit, log } = startStream(range(5), 2);
    await nextTurn();
    expect(log).toEqual([1, 2, 'paused']);
    credit(1);
    await nextTurn();
    credit(plenty);
    await nextTurn();
    expect(log.slice(3)).toEqual(['resumed', 3, 'paused', 'resumed', 4, 5, 'ended']);
  });

  it('a paused stream resumes when it ends', async () => {
    const { leave, log } = startStream(range(5), 1);
    await nextTurn();
    leave();
    await nextTurn();
    expect(log).toEqual([1, 'paused', 'resumed', 'ended']);
  });

  it('a dropped stream sends its collected values and nothing after them', async () => {
    const { credit, drop, log } = startStream(rangeInPromises(40), plenty);
    for (let tick = 0; tick < 50; tick++) await Promise.resolve();
    drop();
    await Promise.resolve();
    const given = log.filter(Number.isInteger);
    expect(given.length).toBeGreaterThan(10);
    expect(log).toEqual([...given, 'ended']);
    credit(plenty);
    await nextTurn();
    expect(log).toEqual([...given, 'ended']);
  });

  it('a stream sends its collected values if the thread ends while a value is made', async () => {
    let seen: unknown[] = [];
    function* dying() {
      yield* range(40);
      flush();
      seen = log.filter(Number.isInteger);
    }
    const { credit, flush, log } = startStream(dying(), 0);
    credit(plenty);
    await nextTurn();
    expect(seen).toEqual(upTo(40));
  });

  it('a stream sends the values before one that cannot be sent, with their transferred parts', async () => {
    const { port1 } = new MessageChannel();
    const { log } = startStream([1, transfer({ port1 }), () => {}, 4].values(), plenty);
    await nextTurn();
    expect(log).toEqual([
      1,
      expect.objectContaining({ port1: expect.anything() }),
      expect.stringMatching(/^failed: value is a function/),
    ]);
  });

  it('a busy stream lets messages in between its values, even if it never waits', async () => {
    for (const source of [slowly(), slowlyInPromises()]) {
      const { leave, log } = startStream(source, plenty);
      // A time slice is over after 10 ms, and each value takes 3 ms.
      await nextTurn();
      expect(log.length).toBeLessThan(20);
      leave();
      await nextTurn();
      await nextTurn();
      expect(log.at(-1)).toBe('ended');
    }
  });

  it('a stream never exceeds its credit, keeps its order, emits nothing after its end, and alternates pauses and resumes', async () => {
    await fc.assert(
      fc.asyncProperty(
        source,
        fc.integer({ min: 1, max: 60 }),
        fc.array(event, { maxLength: 30 }),
        async (make, first, events) => {
          const stream = startStream(make(50), first);
          const { log } = stream;
          let granted = first;
          for (const { type, count } of events) {
            if (type === 'turn') await nextTurn();
            else stream[type](count);
            if (type === 'credit') granted += count;
            expect(log.filter(Number.isInteger).length).toBeLessThanOrEqual(granted);
          }
          stream.credit(plenty);
          while (!log.includes('ended')) await nextTurn();
          const given = log.filter(Number.isInteger) as number[];
          const isLeft = events.some(({ type }) => type === 'leave');
          // Values that are collected when the reader leaves are discarded.
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

/** Starts a stream and logs what its host receives: values, pauses, the end. */
function startStream(result: unknown, first: number) {
  const log: unknown[] = [];
  const streams = new Streams({
    post: (message, transfer: readonly Transferable[] = []) => {
      if (message.type === 'items') log.push(...structuredClone(message.values, { transfer: [...transfer] as never }));
    },
    paused: () => log.push('paused'),
    resumed: () => log.push('resumed'),
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
    await nextTurn();
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

/** Resolves in the next turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
