import { describe, expect, it } from 'vitest';
import { CellWriter } from '../../src/protocol/cell-writer.js';
import type { Cells } from '../../src/protocol/messages.js';

const integers = (count: number) => Array.from({ length: count }, (_, i) => i - 50);

function written(numbers: readonly number[], writer = new CellWriter()): Cells {
  for (const number of numbers) writer.push(number);
  return writer.take();
}

describe('CellWriter', () => {
  it('few numbers become an array, which is posted faster', () => {
    expect(written(integers(95))).toEqual(integers(95));
  });

  it('many small integers become an Int32Array', () => {
    expect(written(integers(96))).toEqual(Int32Array.from(integers(96)));
  });

  it.each([
    ['a large id', 2 ** 31],
    ['a limit of bytes', -Infinity],
    ['a fraction', 0.5],
  ])('many numbers become a Float64Array if %s is among them', (_, number) => {
    const numbers = [...integers(200), number, ...integers(1_000)];
    expect(written(numbers)).toEqual(Float64Array.from(numbers));
  });

  it('a large number is among a few', () => {
    expect(written([1, 2 ** 40, 3])).toEqual([1, 2 ** 40, 3]);
  });

  it('the memory of a message is used again, and its numbers are not', () => {
    const writer = new CellWriter();
    const first = written(integers(5_000), writer);
    const second = written([7, 8, 9], writer);
    expect(first).toEqual(Int32Array.from(integers(5_000)));
    expect(second).toEqual([7, 8, 9]);
    expect(writer.length).toBe(0);
  });

  it('a cell of each form is read in the same way after a clone', () => {
    for (const numbers of [integers(1), integers(200), [...integers(200), 0.5]])
      expect([...structuredClone(written(numbers))]).toEqual(numbers);
  });
});
