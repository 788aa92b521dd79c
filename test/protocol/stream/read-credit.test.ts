import { describe, expect, it } from 'vitest';
import { ReadCredit } from '../../../src/protocol/stream/read-credit.js';

describe('the credit of a reader', () => {
  it('credit is due after half of the values, and for each value if the mark is 1', () => {
    const credit = new ReadCredit({ values: 5, bytes: Number.POSITIVE_INFINITY });
    expect([credit.readValue(), credit.readValue(), credit.readValue()]).toEqual([false, false, true]);
    expect(credit.take()).toBe(3);
    expect(credit.readValue()).toBe(false);
    const each = new ReadCredit({ values: 1, bytes: Number.POSITIVE_INFINITY });
    expect([each.readValue(), each.take(), each.readValue()]).toEqual([true, 1, true]);
  });

  it('credit is due when the messages that were read have half of the bytes', () => {
    const credit = new ReadCredit({ values: 1_000, bytes: 100 });
    credit.readValue();
    expect(credit.readMessage(49)).toBe(false);
    credit.readValue();
    expect(credit.readMessage(1)).toBe(true);
    expect([credit.take(), credit.take()]).toEqual([2, 0]);
    expect(credit.readMessage(49)).toBe(false);
  });
});
