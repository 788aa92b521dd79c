/** The values of one stream on their way to its reader. */
import { describe, expect, it } from 'vitest';
import type { HighWaterMark } from '../../../src/protocol/messages.js';
import { MESSAGES_PER_CREDIT, OutgoingStream, type SendValues } from '../../../src/protocol/stream/outgoing-stream.js';
import { sizeOf } from '../../../src/protocol/stream/value-size.js';

const unlimited = Number.POSITIVE_INFINITY;

/**
 * An outgoing stream, and the messages that it sends: values, bytes, and the credit that is left.
 */
function open({ values = 100, bytes = unlimited }: Partial<HighWaterMark> = {}) {
  const sent: (readonly [values: readonly unknown[], bytes: number, creditLeft: number | undefined])[] = [];
  const send: SendValues = (batch, size, creditLeft, transfer) => {
    structuredClone(batch, { transfer: [...(transfer ?? [])] as never });
    sent.push([batch, size, creditLeft]);
  };
  const outgoing = new OutgoingStream({ values, bytes }, send);
  const refused: unknown[] = [];
  return { outgoing, sent, refused, flush: () => outgoing.flush((value) => refused.push(value)) };
}

describe('OutgoingStream', () => {
  it('an outgoing stream collects values, and sends them in one message', () => {
    const { outgoing, sent, flush } = open();
    for (const n of [1, 2, 3]) expect(outgoing.add(n)).toBe(false);
    expect([outgoing.size, sent]).toEqual([3, []]);
    expect(flush()).toBe(true);
    expect([outgoing.size, sent]).toEqual([0, [[[1, 2, 3], 0, undefined]]]);
  });

  it('an outgoing stream sends no message without values', () => {
    const { sent, flush } = open();
    expect([flush(), sent]).toEqual([true, []]);
  });

  it('an outgoing stream is full when it has as many values as its credit, until the reader has read one', () => {
    const { outgoing, flush } = open({ values: 2 });
    outgoing.add(1);
    expect(outgoing.isFull).toBe(false);
    outgoing.add(2);
    expect(outgoing.isFull).toBe(true);
    flush();
    expect(outgoing.isFull).toBe(true);
    outgoing.granted(1);
    expect(outgoing.isFull).toBe(false);
  });

  it('an outgoing stream is full when its values reach the limit in bytes, and reports the credit in values that is left', () => {
    const text = 'x'.repeat(100);
    const { outgoing, sent, flush } = open({ bytes: 2 * sizeOf(text) });
    outgoing.add(text);
    expect(outgoing.isFull).toBe(false);
    outgoing.add(text);
    expect(outgoing.isFull).toBe(true);
    flush();
    expect(sent).toEqual([[[text, text], 2 * sizeOf(text), 98]]);
    outgoing.granted(1);
    expect(outgoing.isFull).toBe(false);
  });

  it('an outgoing stream is heavy from the size of one message on, and not after that message was sent', () => {
    const text = 'x'.repeat(100);
    const { outgoing, flush } = open({ bytes: MESSAGES_PER_CREDIT * 2 * sizeOf(text) });
    outgoing.add(text);
    expect(outgoing.isHeavy).toBe(false);
    outgoing.add(text);
    expect(outgoing.isHeavy).toBe(true);
    flush();
    expect(outgoing.isHeavy).toBe(false);
  });

  it('a value that can’t be sent is refused alone, and each message has the size of its own values', () => {
    const { outgoing, sent, refused, flush } = open({ bytes: 10_000 });
    const [before, bad, after] = ['a', () => {}, 'bcd'];
    for (const value of [before, bad]) outgoing.add(value);
    expect(flush()).toBe(false);
    expect([sent, refused]).toEqual([[[[before], sizeOf(before), undefined]], [bad]]);
    outgoing.add(after);
    flush();
    expect(sent.at(-1)).toEqual([[after], sizeOf(after), undefined]);
  });

  it('dropped values are not sent, and do not count as the size of a later message', () => {
    const { outgoing, sent, flush } = open({ bytes: 10_000 });
    outgoing.add('dropped');
    outgoing.discard();
    outgoing.add('a');
    flush();
    expect(sent).toEqual([[['a'], sizeOf('a'), undefined]]);
  });

  it('a stream that still waits after credit sends a message without values', () => {
    const { outgoing, sent, flush } = open({ bytes: 1 });
    for (const value of ['a', 'b']) outgoing.add(value);
    flush();
    outgoing.granted(1);
    outgoing.stillWaits();
    expect(sent.at(-1)).toEqual([[], 0, 99]);
  });
});
