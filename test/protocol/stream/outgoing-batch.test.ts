import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { OutgoingBatch, unsendable } from '../../../src/protocol/stream/outgoing-batch.js';
import type { Transferable } from '../../../src/protocol/transfer.js';
import { transfer } from '../../../src/worker.js';

/** A value that no thread can receive. */
const unclonable = () => {};

describe('a batch of values', () => {
  it('the values are posted as one message, and the batch is empty afterwards', () => {
    const { batch, send, posted } = open(1, 'two', undefined);
    expect(send()).toBe(true);
    expect(posted).toEqual([[0, 1, 'two', undefined]]);
    expect(batch.size).toBe(0);
  });

  it('small plain data is copied when it is added, so later changes are not sent', () => {
    const value = { list: [1] };
    const { batch, send, posted } = open();
    expect(batch.add(value)).toBe(false);
    value.list.push(2);
    send();
    expect(posted).toEqual([[0, { list: [1] }]]);
  });

  it('a view of a larger buffer is copied without the rest of the buffer', () => {
    const { batch, send, posted } = open();
    expect(batch.add(new Uint8Array(1_000).subarray(0, 2))).toBe(false);
    send();
    const [[, copy]] = posted as [[number, Uint8Array]];
    expect(copy.buffer.byteLength).toBe(2);
  });

  it('the batch must be sent at once if it has a value that is not copied', () => {
    const { batch } = open(1);
    expect(batch.add(/a+/)).toBe(true);
    expect(batch.size).toBe(2);
  });

  it('a port that is not moved is refused when it is added, and the batch keeps its other values', () => {
    const { port1 } = new MessageChannel();
    const { batch, send, posted } = open(1);
    expect(() => batch.add({ port1 })).toThrow(TypeError);
    send();
    expect(posted).toEqual([[0, 1]]);
    port1.close();
  });

  it('one value that can’t be posted does not keep the values around it from being posted, with their moved parts', () => {
    const bytes = new Uint8Array([7]);
    const { send, posted, refused } = open(1, unclonable, transfer(bytes));
    expect(send()).toBe(true);
    expect(posted).toEqual([
      [0, 1],
      [2, new Uint8Array([7])],
    ]);
    expect(refused).toEqual([[1, unclonable]]);
    expect(bytes.byteLength).toBe(0);
  });

  it('the values behind one that can’t be posted are not posted if the sender says so', () => {
    const { send, posted } = open(1, unclonable, 3);
    expect(send(false)).toBe(false);
    expect(posted).toEqual([[0, 1]]);
  });

  it('a batch that discards its values posts none of them, and closes the parts to be moved', async () => {
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise((resolve) => port2.once('close', resolve));
    const { batch, send, posted } = open(1, transfer(port1));
    batch.discard();
    batch.add(2);
    send();
    expect(posted).toEqual([[0, 2]]);
    await closed;
  });
});

describe('the error for a value that can’t be sent', () => {
  it('the error for a generator names task.stream', () => {
    const generator = (function* () {})();
    expect(unsendable(generator, new Error('cause'), 'result').message).toContain('task.stream(…)');
  });

  it('the error for other values names the part at fault', () => {
    expect(unsendable({ on: unclonable }, new Error('cause'), 'result').message).toMatch(/^result\.on is the function/);
  });
});

/**
 * Returns a batch with `values`. `posted` has an entry for each message: the index of its first
 * value, and its values.
 */
function open(...values: unknown[]) {
  const batch = new OutgoingBatch();
  for (const value of values) batch.add(value);
  const posted: unknown[][] = [];
  const refused: unknown[] = [];
  const send = (goesOn = true) =>
    batch.send(
      (sent, parts: readonly Transferable[] = [], first) => {
        posted.push([first, ...structuredClone(sent, { transfer: [...parts] as never })]);
      },
      (value, _cause, index) => {
        refused.push([index, value]);
        return goesOn;
      },
    );
  return { batch, send, posted, refused };
}
