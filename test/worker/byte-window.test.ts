import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWindow } from '../../src/worker/byte-window.js';

/** A text whose size is `bytes`. */
const text = (bytes: number) => 'x'.repeat(bytes - 8);

describe('the bytes by which a stream is ahead', () => {
  it('the window is full when another value of the last size would exceed the limit', () => {
    const window = new ByteWindow(300);
    expect([window.add(text(100)), window.isFull]).toEqual([100, false]);
    window.add(text(100));
    expect(window.isFull).toBe(false);
    window.add(text(100));
    expect(window.isFull).toBe(true);
    window.read(1);
    expect(window.isFull).toBe(false);
  });

  it('a value above the limit fills the window until it was read', () => {
    const window = new ByteWindow(300);
    window.add(text(20));
    window.add(text(900));
    window.read(1);
    expect(window.isFull).toBe(true);
    window.read(1);
    expect(window.isFull).toBe(false);
  });

  it('a window without a limit is never full', () => {
    const window = new ByteWindow(Number.POSITIVE_INFINITY);
    expect([window.isLimited, window.isFull]).toEqual([false, false]);
    window.add(text(1_000));
    expect(window.isFull).toBe(false);
  });

  it('an empty window is never full, and values of one size never exceed the limit', () => {
    const steps = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 100 }), fc.integer({ min: 1, max: 1_000 }), steps, (size, limit, reads) => {
        const window = new ByteWindow(limit);
        let ahead = 0;
        for (const count of reads) {
          while (!window.isFull) {
            window.add(text(size));
            ahead++;
            expect(ahead === 1 || ahead * size <= limit).toBe(true);
          }
          expect(ahead).toBeGreaterThan(0);
          window.read(Math.min(count, ahead));
          ahead = Math.max(0, ahead - count);
        }
      }),
    );
  });
});
