/** The values of one stream on their way to its reader. */
import { describe, expect, it } from 'vitest';
import type { HighWaterMark } from '../../../src/protocol/messages.js';
import { MESSAGES_PER_CREDIT, type SendValues, StreamOutbox } from '../../../src/protocol/stream/outbox.js';
import { sizeOf } from '../../../src/protocol/stream/value-size.js';

const unlimited = Number.POSITIVE_INFINITY;

/** An outbox, and the messages that it sends: values, bytes, and the credit that is left. */
function open({ values = 100, bytes = unlimited }: Partial<HighWaterMark> = {}) {
  const sent: (readonly [values: readonly unknown[], bytes: number, held: number | undefined])[] = [];
  const send: SendValues = (batch, size, held, transfer) => {
    structuredClone(batch, { transfer: [...(transfer ?? [])] as never });
    sent.push([batch, size, held]);
  };
  const outbox = new StreamOutbox({ values, bytes }, send);
  const refused: unknown[] = [];
  return { outbox, sent, refused, flush: () => outbox.flush((value) => refused.push(value)) };
}

describe('the outbox of a stream', () => {
  it('an outbox collects values, and sends them in one message', () => {
    const { outbox, sent, flush } = open();
    for (const n of [1, 2, 3]) expect(outbox.add(n)).toBe(false);
    expect([outbox.size, sent]).toEqual([3, []]);
    expect(flush()).toBe(true);
    expect([outbox.size, sent]).toEqual([0, [[[1, 2, 3], 0, undefined]]]);
  });

  it('an outbox sends no message without values', () => {
    const { sent, flush } = open();
    expect([flush(), sent]).toEqual([true, []]);
  });

  it('an outbox is full when it has as many values as its credit, until the reader has read one', () => {
    const { outbox, flush } = open({ values: 2 });
    outbox.add(1);
    expect(outbox.isFull).toBe(false);
    outbox.add(2);
    expect(outbox.isFull).toBe(true);
    flush();
    expect(outbox.isFull).toBe(true);
    outbox.granted(1);
    expect(outbox.isFull).toBe(false);
  });

  it('an outbox is full when its values reach the limit in bytes, and reports the credit in values that is left', () => {
    const text = 'x'.repeat(100);
    const { outbox, sent, flush } = open({ bytes: 2 * sizeOf(text) });
    outbox.add(text);
    expect(outbox.isFull).toBe(false);
    outbox.add(text);
    expect(outbox.isFull).toBe(true);
    flush();
    expect(sent).toEqual([[[text, text], 2 * sizeOf(text), 98]]);
    outbox.granted(1);
    expect(outbox.isFull).toBe(false);
  });

  it('an outbox is heavy from the size of one message on, and not after that message was sent', () => {
    const text = 'x'.repeat(100);
    const { outbox, flush } = open({ bytes: MESSAGES_PER_CREDIT * 2 * sizeOf(text) });
    outbox.add(text);
    expect(outbox.isHeavy).toBe(false);
    outbox.add(text);
    expect(outbox.isHeavy).toBe(true);
    flush();
    expect(outbox.isHeavy).toBe(false);
  });

  it('a value that can’t be sent is refused alone, and each message has the size of its own values', () => {
    const { outbox, sent, refused, flush } = open({ bytes: 10_000 });
    const [before, bad, after] = ['a', () => {}, 'bcd'];
    for (const value of [before, bad]) outbox.add(value);
    expect(flush()).toBe(false);
    expect([sent, refused]).toEqual([[[[before], sizeOf(before), undefined]], [bad]]);
    outbox.add(after);
    flush();
    expect(sent.at(-1)).toEqual([[after], sizeOf(after), undefined]);
  });

  it('dropped values are not sent, and do not count as the size of a later message', () => {
    const { outbox, sent, flush } = open({ bytes: 10_000 });
    outbox.add('dropped');
    outbox.discard();
    outbox.add('a');
    flush();
    expect(sent).toEqual([[['a'], sizeOf('a'), undefined]]);
  });

  it('a stream that still waits after credit sends a message without values', () => {
    const { outbox, sent, flush } = open({ bytes: 1 });
    for (const value of ['a', 'b']) outbox.add(value);
    flush();
    outbox.granted(1);
    outbox.stillWaits();
    expect(sent.at(-1)).toEqual([[], 0, 99]);
  });
});
