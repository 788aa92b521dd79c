import { describe, expect, it } from 'vitest';
import { isId, isInteger, isRecord } from '../../../src/protocol/queue/untrusted.js';

describe('checks of data that anyone may have written', () => {
  it.each([[{}], [{ a: 1 }], [Object.create(null)]])('%j is a record', (value) => {
    expect(isRecord(value)).toBe(true);
  });

  it.each([[null], [undefined], [[]], ['text'], [1], [() => {}]])('%j is not a record', (value) => {
    expect(isRecord(value)).toBe(false);
  });

  it('an integer is accepted from the least to the most, and as a number only', () => {
    expect([1, 2, 3].map((value) => isInteger(value, 1, 3))).toEqual([true, true, true]);
    expect([0, 4, 1.5, Number.NaN, '2', null].map((value) => isInteger(value, 1, 3))).not.toContain(true);
    expect([2 ** 53 - 1, 2 ** 53, Number.POSITIVE_INFINITY].map((value) => isInteger(value, 1))).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('the id of a future is an integer of 1 or more', () => {
    expect([1, 2 ** 53 - 1, 0, -1, '1', undefined].map(isId)).toEqual([true, true, false, false, false, false]);
  });
});
