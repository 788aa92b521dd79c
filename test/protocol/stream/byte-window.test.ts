import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWindow } from '../../../src/protocol/stream/byte-window.js';

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

  it('values of mixed sizes count until they were read, in their order', () => {
    const size = fc.constantFrom(8, 8, 8, 30, 200);
    const step = fc.record({ sizes: fc.array(size, { maxLength: 5 }), read: fc.integer({ min: 0, max: 6 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.array(step, { maxLength: 60 }), (limit, steps) => {
        const window = new ByteWindow(limit);
        let unread: number[] = [];
        let last = 0;
        for (const { sizes, read } of steps) {
          for (last of sizes) expect(window.add(text(last))).toBe(last);
          unread.push(...sizes);
          window.read(read);
          unread = unread.slice(read);
          const ahead = unread.reduce((sum, bytes) => sum + bytes, 0);
          expect(window.isFull).toBe(ahead > 0 && ahead + last > limit);
        }
      }),
    );
  });
});
