import { afterEach, describe, expect, it } from 'vitest';
import { withRealTicks } from '../../../src/backends/tinypool/real-ticks.js';

const { nextTick } = process;
afterEach(() => {
  process.nextTick = nextTick;
});

describe('withRealTicks', () => {
  it('the real nextTick is there during the call, and the faked one before and after', () => {
    const faked = (() => {}) as typeof nextTick;
    process.nextTick = faked;
    expect(withRealTicks(() => process.nextTick)).toBe(nextTick);
    expect(process.nextTick).toBe(faked);
  });

  it('the faked nextTick is restored after an error', () => {
    const faked = (() => {}) as typeof nextTick;
    process.nextTick = faked;
    expect(() =>
      withRealTicks(() => {
        throw new Error('no worker');
      }),
    ).toThrow('no worker');
    expect(process.nextTick).toBe(faked);
  });
});
