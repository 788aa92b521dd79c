import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_CREDIT_CELLS } from '../../src/protocol/ledger.js';
import type { HighWaterMark } from '../../src/protocol/messages.js';
import type { Transferable } from '../../src/protocol/transfer.js';
import { decodeError } from '../../src/protocol/wire-error.js';
import { Streams } from '../../src/worker/streams.js';
import { TaskContext } from '../../src/worker/task-context.js';
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

  it('a stream pauses before the bytes of its values exceed the limit, and says how much credit it has', async () => {
    const { credit, log, creditLeft } = startStream(texts(9, 92), { values: plenty, bytes: 350 });
    await nextTurn();
    expect([log, creditLeft]).toEqual([[1, 2, 3, 'paused'], [plenty - 3]]);
    credit(2);
    await nextTurn();
    expect([log.slice(4), creditLeft.at(-1)]).toEqual([['resumed', 4, 5, 'paused'], plenty - 3]);
    credit(plenty);
    await nextTurn();
    expect(log.slice(8, 10)).toEqual(['resumed', 6]);
  });

  it('values that are larger than the limit are emitted one by one', async () => {
    const { credit, log } = startStream(texts(3, 1_000), { values: plenty, bytes: 10 });
    for (let i = 0; i < 3; i++) {
      await nextTurn();
      credit(1);
    }
    await nextTurn();
    expect(log).toEqual([1, 'paused', 'resumed', 2, 'paused', 'resumed', 3, 'paused', 'resumed', 'ended']);
  });

  it('a stream that still waits after credit for small values says so again', async () => {
    const sizes = [1, 1, 1, 5_000, 1];
    const { credit, log, creditLeft } = startStream(sized(sizes), { values: plenty, bytes: 5_000 });
    await nextTurn();
    expect([log, creditLeft]).toEqual([[1, 2, 3, 4, 'paused'], [plenty - 4]]);
    credit(3);
    await nextTurn();
    expect([log.length, creditLeft]).toEqual([5, [plenty - 4, plenty - 1]]);
    credit(1);
    await nextTurn();
    expect(log.slice(5)).toEqual(['resumed', 5, 'ended']);
  });

  it('each message has the size of its values, also if they have to be sent one by one', async () => {
    const sizes: number[] = [];
    for (const values of [
      ['a', 'bc'],
      ['a', () => {}],
    ]) {
      const { run, bytes } = makeStream();
      await run(values[Symbol.iterator](), { values: plenty, bytes: 1_000 }).catch(() => {});
      sizes.push(bytes.reduce((a, b) => a + b, 0));
    }
    expect(sizes).toEqual([8 + 1 + 8 + 2, 8 + 1]);
  });

  it('the size of values is not measured without a limit in bytes', async () => {
    const { bytes, log } = startStream(texts(2, 100), { values: plenty, bytes: Number.POSITIVE_INFINITY });
    await nextTurn();
    expect([log.at(-1), bytes.every((size) => size === 0)]).toEqual(['ended', true]);
  });

  it('a paused stream resumes when it ends', async () => {
    const { leave, log } = startStream(range(5), 1);
    await nextTurn();
    leave();
    await nextTurn();
    expect(log).toEqual([1, 'paused', 'resumed', 'ended']);
  });

  it('a stream that fails from outside sends its collected values, then its error, and nothing after it', async () => {
    const { credit, fail, log } = startStream(rangeInPromises(40), plenty);
    for (let tick = 0; tick < 50; tick++) await Promise.resolve();
    fail(new Error('in a timer'));
    const given = log.filter(Number.isInteger);
    // On a busy host the time slice may be over after one value.
    expect(given.length).toBeGreaterThan(0);
    expect(log).toEqual([...given, 'rejected: in a timer']);
    credit(plenty);
    await nextTurn();
    expect(log).toEqual([...given, 'rejected: in a timer', 'ended']);
  });

  it('a stream that fails from outside ends after its cleanup, whose error is reported', async () => {
    const cleanup = deferred<void>();
    async function* slowToClose() {
      try {
        yield* range(40);
      } finally {
        await cleanup.promise;
        fails();
      }
    }
    const { fail, log, task } = startStream(slowToClose(), 1);
    await nextTurn();
    fail(new Error('in a timer'));
    expect(task.signal.reason).toEqual(new Error('in a timer'));
    await nextTurn();
    expect(log).toEqual([1, 'paused', 'rejected: in a timer']);
    cleanup.resolve();
    await nextTurn();
    expect(log.slice(3)).toEqual(['cleanup failed: not closed', 'resumed', 'ended']);
  });

  it('a stream that fails from outside before its generator exists closes the generator as soon as it arrives', async () => {
    const { fail, log, run } = makeStream();
    fail(new Error('in a timer'));
    run(range(40), plenty);
    await nextTurn();
    expect(log).toEqual(['rejected: in a timer', 'ended']);
  });

  it('a stream that was left or has failed does not fail a second time', async () => {
    for (const end of ['leave', 'fail'] as const) {
      const stream = startStream(range(5), 1);
      stream[end](new Error('first'));
      stream.fail(new Error('second'));
      await nextTurn();
      expect(stream.log).not.toContain('rejected: second');
    }
  });

  it('an iterator that was left is not asked for more values, and its job waits for return()', async () => {
    const [next, returned] = [deferred<number>(), deferred<void>()];
    let asked = 0;
    const iterator = {
      [Symbol.asyncIterator]: () => iterator,
      next: async () => ({ done: false, value: ++asked === 1 ? 1 : await next.promise }),
      return: async () => {
        await returned.promise;
        return { done: true, value: undefined };
      },
    };
    const { leave, log } = startStream(iterator, plenty);
    while (asked < 2) await nextTurn();
    leave();
    next.resolve(2);
    await nextTurn();
    expect([log, asked]).toEqual([[1], 2]);
    returned.resolve();
    await nextTurn();
    expect([log, asked]).toEqual([[1, 'ended'], 2]);
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
      expect.stringMatching(/^rejected: value is a function/),
      'ended',
    ]);
  });

  it('a busy stream lets messages in between its values, even if it never waits', async () => {
    for (const source of [slowly(), slowlyInPromises(), slowErrorsInPromises()]) {
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
            else if (type === 'fail') stream.fail(new Error('in a timer'));
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
          if (!isLeft && !events.some(({ type }) => type === 'fail')) expect(given).toHaveLength(50);
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
  type: fc.constantFrom('credit', 'credit', 'credit', 'turn', 'turn', 'turn', 'flush', 'leave', 'fail'),
  count: fc.integer({ min: 1, max: 30 }),
});

/** Makes a stream without a source, and logs what its host receives: values, pauses, errors. */
function makeStream() {
  const log: unknown[] = [];
  const creditLeft: number[] = [];
  const bytes: number[] = [];
  const streams = new Streams({
    post: (message, transfer: readonly Transferable[] = []) => {
      if (message.type === 'values') {
        const values = structuredClone(message.values, { transfer: [...transfer] as never });
        log.push(...values.map((value) => (typeof value === 'string' ? Number.parseInt(value, 10) : value)));
        bytes.push(message.bytes);
        if (message.creditLeft !== undefined) creditLeft.push(message.creditLeft);
      }
      if (message.type === 'stream-failed') log.push(`rejected: ${(decodeError(message.error) as Error).message}`);
      if (message.type === 'cleanup-failed')
        log.push(`cleanup failed: ${(decodeError(message.error) as Error).message}`);
    },
    links: { start: () => undefined },
    ledger: NO_CREDIT_CELLS,
    paused: () => log.push('paused'),
    resumed: () => log.push('resumed'),
  });
  const [id, slot] = [7, 3];
  const task = new TaskContext(slot, id, 'stream', 1, 'crew-1', {} as never, undefined);
  return {
    log,
    /** The credit that the stream knew of when it had to wait because of bytes. */
    creditLeft,
    /** The size of the values of each message. */
    bytes,
    task,
    run: (result: unknown, first: number | HighWaterMark) =>
      streams
        .run(task, typeof first === 'number' ? { values: first, bytes: Number.POSITIVE_INFINITY } : first, result)
        .then(
          () => log.push('ended'),
          (error: Error) => log.push(`failed: ${error.message}`),
        ),
    credit: (count: number) => streams.credit(slot, id, count),
    leave: () => streams.leave(slot),
    // RunningTasks finds no task whose job has ended.
    fail: (error: unknown) => log.includes('ended') || streams.fail(task, error),
    flush: () => streams.flush(),
  };
}

function startStream(result: unknown, first: number | HighWaterMark): ReturnType<typeof makeStream> {
  const stream = makeStream();
  void stream.run(result, first);
  return stream;
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function fails(): never {
  throw new RangeError('not closed');
}

/** Texts of `length` characters that start with their number. */
function* texts(to: number, length: number): Generator<string> {
  for (let i = 1; i <= to; i++) yield String(i).padEnd(length, ' ');
}

function* sized(sizes: readonly number[]): Generator<string> {
  for (const [i, size] of sizes.entries()) yield String(i + 1).padEnd(size, ' ');
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

/** Errors are not copied, so each is sent at once. */
async function* slowErrorsInPromises() {
  for await (const n of slowlyInPromises()) yield new Error(String(n));
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
