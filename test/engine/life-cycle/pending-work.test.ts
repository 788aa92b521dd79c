import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PendingWork } from '../../../src/engine/life-cycle/pending-work.js';
import { setInternalClock } from '../../../src/platform/time.js';
import { useRealTime } from '../../support/virtual-time.js';

/** Whether the timer of the pending work keeps the process alive. */
let isAlive = true;
const timer = {
  ref() {
    isAlive = true;
    return timer;
  },
  unref() {
    isAlive = false;
    return timer;
  },
};
const stop = vi.fn();
let pending: PendingWork;

beforeEach(() => {
  setInternalClock({ ...globalThis, setInterval: () => timer, clearInterval: stop } as never);
  pending = new PendingWork();
});
afterEach(() => useRealTime());

describe('the life of the process', () => {
  it('the process lives while a future is pending', () => {
    expect(isAlive).toBe(false);
    pending.added();
    pending.added();
    pending.ended();
    expect(isAlive).toBe(true);
    pending.ended();
    expect(isAlive).toBe(false);
  });

  it('the process lives while other work holds it, even if nothing is pending', () => {
    pending.hold();
    pending.added();
    pending.ended();
    expect(isAlive).toBe(true);
    pending.letGo();
    expect(isAlive).toBe(false);
  });

  it('close() stops the timer that keeps the process alive', () => {
    pending.close();
    expect(stop).toHaveBeenCalledWith(timer);
  });
});

describe('idle()', () => {
  it('idle() resolves when the last of the pending futures has ended', async () => {
    pending.added();
    pending.added();
    const ended = vi.fn();
    const idle = pending.idle().then(ended);
    pending.ended();
    await Promise.resolve();
    expect([ended.mock.calls.length, pending.count]).toEqual([0, 1]);
    pending.ended();
    await idle;
  });

  it('idle() waits on if a callback of the last future starts new work', async () => {
    pending.added();
    const ended = vi.fn();
    const idle = pending.idle().then(ended);
    pending.ended();
    pending.added();
    for (let i = 0; i < 5; i++) await Promise.resolve();
    expect(ended).not.toHaveBeenCalled();
    pending.ended();
    await idle;
  });

  it('idle() resolves at once if nothing is pending', async () => {
    await pending.idle();
  });
});
