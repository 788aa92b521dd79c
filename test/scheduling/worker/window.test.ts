import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Window } from '../../../src/scheduling/worker/window.js';

describe('the window of a worker', () => {
  it('the window equals the concurrency before the pace is known', () => {
    expect([new Window(1).size, new Window(8).size]).toEqual([1, 8]);
  });

  it('the window equals the concurrency if tasks are long', () => {
    const window = new Window(2);
    window.observe(1, 500);
    expect(window.size).toBe(2);
  });

  it('the window grows to some ms of work if tasks are short', () => {
    const window = new Window(1);
    window.observe(10, 10);
    expect(window.size).toBe(6);
    const tiny = new Window(1);
    tiny.observe(10_000, 10);
    expect(tiny.size).toBeGreaterThan(1_000);
  });

  it('the window shrinks within a few reports when tasks become long, and grows again', () => {
    const window = new Window(1);
    for (let i = 0; i < 5; i++) window.observe(1_000, 1);
    const wide = window.size;
    window.observe(1, 100);
    expect(window.size).toBe(1);
    for (let i = 0; i < 30; i++) window.observe(1_000, 1);
    expect(window.size).toBeGreaterThan(wide * 0.9);
  });

  it('an empty report does not change the window', () => {
    const window = new Window(1);
    window.observe(10, 10);
    const { size } = window;
    window.observe(0, 5);
    window.observe(5, 0);
    expect(window.size).toBe(size);
  });

  it('the window equals the concurrency if jobs cannot be revoked', () => {
    const window = new Window(3, false);
    window.observe(1_000, 1);
    expect(window.size).toBe(3);
  });

  it('the window is never smaller than the concurrency and never larger than the ledger allows', () => {
    const report = fc.tuple(fc.nat({ max: 100_000 }), fc.double({ min: 0, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.array(report), (concurrency, reports) => {
        const window = new Window(concurrency);
        for (const [dependents, busy] of reports) {
          window.observe(dependents, busy);
          expect(Number.isInteger(window.size)).toBe(true);
          expect(window.size).toBeGreaterThanOrEqual(concurrency);
          expect(window.size).toBeLessThanOrEqual(concurrency + 4_096);
        }
      }),
    );
  });
});
