import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Credits } from '../../src/util/credits.js';

describe('the credits of a worker', () => {
  it('spend() returns true once, when a stream has used up its credit', () => {
    const credits = new Credits();
    credits.open(3, 5);
    expect([credits.spend(3, 4), credits.paused]).toEqual([false, 0]);
    expect([credits.spend(3, 1), credits.paused]).toEqual([true, 1]);
    credits.grant(3, 2);
    expect(credits.paused).toBe(0);
    expect([credits.spend(3, 2), credits.paused]).toEqual([true, 1]);
  });

  it('a stream that waits because of bytes is paused if it knows of all its credit', () => {
    const credits = new Credits();
    credits.open(3, 10);
    expect([credits.spend(3, 4, 6), credits.paused]).toEqual([true, 1]);
    credits.grant(3, 2);
    expect(credits.paused).toBe(0);
    // The message was sent before the stream knew of the credit.
    expect([credits.spend(3, 1, 5), credits.paused]).toEqual([false, 0]);
    expect([credits.spend(3, 0, 7), credits.paused]).toEqual([true, 1]);
    credits.close(3);
    expect(credits.paused).toBe(0);
    credits.open(3, 10);
    credits.spend(3, 1, 9);
    credits.clear();
    credits.open(3, 10);
    credits.grant(3, 1);
    expect(credits.paused).toBe(0);
  });

  it('each stream has its own credit', () => {
    const credits = new Credits();
    for (const slot of [0, 1, 2]) credits.open(slot, slot + 1);
    for (const slot of [0, 1, 2]) credits.spend(slot, 1);
    expect(credits.paused).toBe(1);
    credits.close(0);
    expect(credits.paused).toBe(0);
    expect(credits.spend(1, 1)).toBe(true);
  });

  it('a stream that has ended is forgotten, and its late values and credits are ignored', () => {
    const credits = new Credits();
    credits.open(7, 1);
    credits.spend(7, 1);
    credits.close(7);
    credits.close(7);
    credits.grant(7, 10);
    expect([credits.spend(7, 1), credits.paused]).toEqual([false, 0]);
    credits.open(7, 2);
    expect([credits.spend(7, 1), credits.paused]).toEqual([false, 0]);
  });

  it('slots without a stream are ignored', () => {
    const credits = new Credits();
    credits.close(1);
    credits.grant(1, 1);
    expect([credits.spend(1, 1), credits.paused]).toEqual([false, 0]);
  });

  it('clear() removes all streams when their worker ends', () => {
    const credits = new Credits();
    credits.open(0, 1);
    credits.spend(0, 1);
    credits.clear();
    expect(credits.paused).toBe(0);
    credits.grant(0, 1);
    expect(credits.paused).toBe(0);
  });

  it('a task without a concurrency slot is known to wait, and is not among those that released theirs', () => {
    const credits = new Credits();
    credits.open(3, 2, false);
    expect([credits.spend(3, 2), credits.isPaused(3), credits.paused]).toEqual([false, true, 0]);
    credits.close(3);
    expect([credits.isPaused(3), credits.paused]).toEqual([false, 0]);
  });

  it('the jobs that run after a task wait with it', () => {
    const credits = new Credits();
    const task = credits.open(3, 5);
    task.followed();
    task.followed();
    expect([credits.wait(3, true), credits.paused]).toEqual([true, 3]);
    task.unfollowed();
    expect(credits.paused).toBe(2);
    credits.wait(3, false);
    expect(credits.paused).toBe(0);
    credits.wait(3, true);
    credits.close(3);
    task.unfollowed();
    expect(credits.paused).toBe(0);
  });

  it('`paused` counts exactly the streams without credit after any sequence of calls', () => {
    const slot = fc.integer({ min: 0, max: 3 });
    const count = fc.integer({ min: 1, max: 4 });
    const call = fc.oneof(
      fc.record({ type: fc.constant('open' as const), slot, count }),
      fc.record({ type: fc.constant('spend' as const), slot, count }),
      fc.record({ type: fc.constant('grant' as const), slot, count }),
      fc.record({ type: fc.constant('close' as const), slot }),
    );
    fc.assert(
      fc.property(fc.array(call, { maxLength: 100 }), (calls) => {
        const credits = new Credits();
        const model = new Map<number, number>();
        for (const call of calls) {
          const left = model.get(call.slot);
          if (call.type === 'close') {
            model.delete(call.slot);
            credits.close(call.slot);
          } else if (call.type === 'open') {
            // A slot is assigned only while it is free, and a worker never sends more values than
            // its credit.
            if (left !== undefined) continue;
            model.set(call.slot, call.count);
            credits.open(call.slot, call.count);
          } else if (call.type === 'grant') {
            if (left !== undefined) model.set(call.slot, left + call.count);
            credits.grant(call.slot, call.count);
          } else if (left === undefined || left >= call.count) {
            if (left !== undefined) model.set(call.slot, left - call.count);
            expect(credits.spend(call.slot, call.count)).toBe(left === call.count);
          }
          expect(credits.paused).toBe([...model.values()].filter((left) => left === 0).length);
        }
      }),
    );
  });
});
