import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { RING_WORDS, RingReader, RingWriter, ringMemory } from '../../../src/protocol/mailbox/ring.js';

// The words of the header, as in ring.ts.
const WRITTEN = 0;
const READ = 1;
const STATE = 2;
const AWAKE = 0;
const ASLEEP = 1;
const BLOCKED = 2;

describe('a ring', () => {
  it('letters that were read together are one batch, in order', () => {
    const { writer, reader } = sides();
    expect(writer.write([1, 2], ['a'], 0.5)).toBe(true);
    expect(writer.write([3], [undefined, { x: null }], 0.25)).toBe(true);
    expect(reader.read()).toEqual({ cells: [1, 2, 3], values: ['a', undefined, { x: null }], busy: 0.75 });
    expect(reader.read()).toBeUndefined();
  });

  it('the letters that were written are the letters that are read, across the end of the ring', () => {
    const letter = fc.record({
      cells: fc.array(fc.integer({ min: 0, max: 2 ** 31 - 1 }), { maxLength: 40 }),
      values: fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 6 }),
    });
    const step = fc.oneof({ weight: 3, arbitrary: letter }, { weight: 1, arbitrary: fc.constant('read' as const) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), fc.integer(), (steps, start) => {
        const { writer, reader } = sides(start);
        const sent = { cells: [] as number[], values: [] as unknown[] };
        const received = { cells: [] as number[], values: [] as unknown[] };
        const read = () => {
          const letters = reader.read();
          received.cells.push(...(letters?.cells ?? []));
          received.values.push(...(letters?.values ?? []));
        };
        for (const step of steps) {
          if (step === 'read') read();
          else if (writer.write(step.cells, step.values, 0)) {
            sent.cells.push(...step.cells);
            sent.values.push(...structuredClone(step.values));
          }
        }
        read();
        expect(received).toEqual(sent);
      }),
    );
  });

  it('a full ring refuses a letter, and accepts it after the others were read', () => {
    const { writer, reader } = sides();
    const cells = new Array(100).fill(7);
    let count = 0;
    while (writer.write(cells, [], 0)) count++;
    expect(count).toBe(Math.floor(RING_WORDS / 104));
    expect(reader.read()?.cells).toHaveLength(100 * count);
    expect(writer.write(cells, [], 0)).toBe(true);
    expect(reader.read()?.cells).toEqual(cells);
  });

  it('the positions may exceed 32 bits', () => {
    const { writer, reader } = sides(2 ** 31 - 5);
    for (let i = 0; i < 10; i++) {
      expect(writer.write([i], [i], 0)).toBe(true);
      expect(reader.read()).toEqual({ cells: [i], values: [i], busy: 0 });
    }
  });

  it.each([
    ['a value that is not small', [1], [new Map()]],
    ['a value behind a small one', [1], [1, () => {}]],
    ['a number that is no integer of 32 bits among the cells', [2 ** 40], []],
    ['too many cells', new Array(1_000).fill(1), []],
    ['a value with a getter that throws', [1], [Object.defineProperty({}, 'x', { enumerable: true, get: fail })]],
  ])('nothing is written of a letter with %s', (_, cells, values) => {
    const { writer, reader } = sides();
    expect(writer.write(cells, values, 0)).toBe(false);
    expect(reader.hasLetters).toBe(false);
    expect(writer.write([5], [6], 0)).toBe(true);
    expect(reader.read()).toEqual({ cells: [5], values: [6], busy: 0 });
  });

  it('a letter of a thread that ended before it moved WRITTEN does not exist', () => {
    const { writer, reader, header } = sides();
    writer.write([1], ['whole'], 0);
    const end = header[WRITTEN]!;
    writer.write([2], ['never published'], 0);
    header[WRITTEN] = end;
    expect(reader.read()).toEqual({ cells: [1], values: ['whole'], busy: 0 });
    expect(reader.read()).toBeUndefined();
  });

  it('a letter that was published by a thread before its end is read after the end', () => {
    const { writer, reader } = sides();
    // The thread ends here, before it wakes the reader.
    writer.write([1], ['last'], 0);
    expect(reader.read()?.values).toEqual(['last']);
  });
});

describe('the order of letters and messages', () => {
  it('no letter may be written while a message of the port has not been received', () => {
    const { writer, reader } = sides();
    expect(writer.isInOrder).toBe(true);
    writer.posted();
    writer.posted();
    expect([writer.isInOrder, reader.hasMessages]).toEqual([false, true]);
    reader.received();
    expect([writer.isInOrder, reader.hasMessages]).toEqual([false, true]);
    reader.received();
    expect([writer.isInOrder, reader.hasMessages]).toEqual([true, false]);
  });
});

describe('the sleep of a reader', () => {
  it('a reader that is asleep must be woken by one message, and an awake reader by none', () => {
    const { writer, reader } = sides();
    expect(reader.sleep()).toBe(true);
    writer.write([1], [], 0);
    expect(writer.wake()).toBe(ASLEEP);
    writer.write([2], [], 0);
    expect(writer.wake()).toBe(AWAKE);
  });

  it('a reader does not fall asleep if a letter has come meanwhile', () => {
    const { writer, reader, header } = sides();
    writer.write([1], [], 0);
    expect(reader.sleep()).toBe(false);
    reader.block(60_000);
    expect(header[STATE]).toBe(AWAKE);
  });

  it.each(['sleep', 'block'] as const)(
    'a letter that is written while %s() announces the sleep is noticed',
    (method) => {
      const { writer, reader, header } = sides();
      reader.wakeUp();
      const atomics = Atomics as { store(cells: Int32Array, index: number, value: number): number };
      const store = vi.spyOn(atomics, 'store').mockImplementationOnce((cells, index, value) => {
        // The writer finds the reader awake, and does not wake it.
        writer.write([1], [], 0);
        expect(writer.wake()).toBe(AWAKE);
        return Atomics.exchange(cells, index, value);
      });
      onTestFinished(() => void store.mockRestore());
      // A reader that did not notice the letter would block for longer than the test may take.
      const isAsleep = method === 'sleep' ? reader.sleep() : reader.block(60_000);
      expect(isAsleep ?? false).toBe(false);
      expect(header[STATE]).toBe(AWAKE);
      expect(reader.read()?.cells).toEqual([1]);
    },
  );

  it('a message does not mark a reader as awake that has received it and fallen asleep again', () => {
    const { writer, reader, header } = sides();
    // 1. The writer has posted a message, and has not yet notified the reader.
    writer.posted();
    // 2. The reader receives the message and falls asleep.
    reader.received();
    reader.sleep();
    // 3. The writer notifies.
    expect(writer.notify()).toBe(false);
    expect(header[STATE]).toBe(ASLEEP);
    // 4. The next letter wakes the reader.
    writer.write([1], [], 0);
    expect(writer.wake()).toBe(ASLEEP);
  });

  it('a blocked thread is woken by a letter, and by a message', async () => {
    const memory = ringMemory();
    const header = new Int32Array(memory, 0, 16);
    const writer = new RingWriter(memory);
    const thread = new Worker(BLOCK, { eval: true, workerData: { header } });
    const letter = () => {
      writer.write([1], [], 0);
      return writer.wake() === BLOCKED;
    };
    const message = () => {
      writer.posted();
      return writer.notify();
    };
    for (const send of [letter, message]) {
      await vi.waitFor(() => expect(header[STATE]).toBe(BLOCKED));
      expect(send()).toBe(true);
      expect(await once(thread, 'message')).toEqual(['ok']);
      thread.postMessage('again');
    }
    await thread.terminate();
  });

  it('no letter is lost between a thread that writes and a thread that falls asleep after each letter', async () => {
    const count = 20_000;
    const memory = ringMemory();
    const reader = new RingReader(memory);
    const thread = new Worker(WRITE, {
      eval: true,
      workerData: { header: new Int32Array(memory, 0, 16), memory, count },
    });
    let read = 0;
    await new Promise<void>((resolve) => {
      const readAll = () => {
        do read += reader.read()?.cells.length ?? 0;
        while (!reader.sleep());
        if (read === count) resolve();
      };
      thread.on('message', readAll);
      readAll();
    });
    expect(read).toBe(count);
    await thread.terminate();
  });
});

/** Blocks as RingReader.block does. The thread can't import the class, which is TypeScript. */
const BLOCK = `
  const { workerData: { header }, parentPort } = require('node:worker_threads');
  const block = () => {
    Atomics.store(header, ${STATE}, ${BLOCKED});
    parentPort.postMessage(Atomics.wait(header, ${STATE}, ${BLOCKED}, 60000) === 'timed-out' ? 'late' : 'ok');
  };
  parentPort.on('message', block);
  block();
`;

/** Writes letters of one cell, as RingWriter does, and waits only while the ring is full. */
const WRITE = `
  const { workerData: { header, memory, count }, parentPort } = require('node:worker_threads');
  const ring = new Int32Array(memory, 64);
  let at = 0;
  for (let i = 0; i < count; i++) {
    while (at + 5 - Atomics.load(header, ${READ}) > ring.length);
    for (const word of [1, 0, 0, 0, i]) ring[at++ & (ring.length - 1)] = word;
    Atomics.store(header, ${WRITTEN}, at);
    if (Atomics.compareExchange(header, ${STATE}, ${ASLEEP}, ${AWAKE}) === ${ASLEEP}) parentPort.postMessage(undefined);
  }
`;

function fail(): never {
  throw new Error('a getter');
}

/** Both sides of a ring with its positions at `start`. */
function sides(start = 0) {
  const memory = ringMemory();
  const header = new Int32Array(memory, 0, 16);
  header[WRITTEN] = start;
  header[READ] = start;
  return { header, writer: new RingWriter(memory), reader: new RingReader(memory) };
}
