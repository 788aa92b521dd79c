/** The form in which the numbers of a message are posted. */
import { describe, expect, it } from 'vitest';
import { pack } from '../../src/protocol/messages.js';

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i - 0.5);

describe('pack()', () => {
  it('few numbers stay an array, which is posted faster', () => {
    const cells = numbers(95);
    expect(pack(cells)).toBe(cells);
  });

  it('many numbers become a Float64Array with the same numbers', () => {
    const packed = pack(numbers(96));
    expect(packed).toBeInstanceOf(Float64Array);
    expect([...packed]).toEqual(numbers(96));
  });

  it('a cell of both forms is read in the same way after a clone', () => {
    for (const cells of [numbers(1), numbers(200)]) expect([...structuredClone(pack(cells))]).toEqual(cells);
  });
});
