/** Many moments with one timer. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Alarm, Alarms } from '../../../src/engine/run/alarms.js';
import { now } from '../../../src/platform/time.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

function alarmIn(ms: number, fire: () => void = () => {}): Alarm & { fire(): void } {
  return { at: now() + ms, isSet: false, fire };
}

describe('Alarms', () => {
  it('alarms fire in the order of their moments, each once', () => {
    const alarms = new Alarms();
    const rung: number[] = [];
    for (const ms of [30, 10, 20, 10]) alarms.set(alarmIn(ms, () => rung.push(ms)));
    vi.advanceTimersByTime(9);
    expect(rung).toEqual([]);
    vi.advanceTimersByTime(11);
    expect(rung).toEqual([10, 10, 20]);
    vi.advanceTimersByTime(1_000);
    expect(rung).toEqual([10, 10, 20, 30]);
  });

  it('any number of alarms needs one timer', () => {
    const alarms = new Alarms();
    for (let ms = 1_000; ms > 0; ms--) alarms.set(alarmIn(ms));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(500);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(500);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a cleared alarm does not fire, and can be cleared twice', () => {
    const alarms = new Alarms();
    const fire = vi.fn();
    const alarm = alarmIn(10, fire);
    alarms.set(alarm);
    alarms.clear(alarm);
    alarms.clear(alarm);
    vi.advanceTimersByTime(100);
    expect(fire).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('an alarm that rings may set and clear others', () => {
    const alarms = new Alarms();
    const rung: string[] = [];
    const last = alarmIn(20, () => rung.push('last'));
    alarms.set(last);
    alarms.set(
      alarmIn(10, () => {
        alarms.clear(last);
        alarms.set(alarmIn(5, () => rung.push('new')));
        alarms.set(alarmIn(0, () => rung.push('now')));
      }),
    );
    vi.advanceTimersByTime(100);
    expect(rung).toEqual(['now', 'new']);
  });

  it('a moment beyond the longest timer of Node is reached', () => {
    const alarms = new Alarms();
    const fire = vi.fn();
    const month = 31 * 24 * 3_600_000;
    alarms.set(alarmIn(month, fire));
    vi.advanceTimersByTime(month - 1);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(fire).toHaveBeenCalledTimes(1);
  });

  it('exactly the alarms that were not cleared fire, in order, for any order of moments and clears', () => {
    const steps = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 50 }), isCleared: fc.boolean() }), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const alarms = new Alarms();
        const rung: number[] = [];
        const made = all.map(({ ms }) => alarmIn(ms, () => rung.push(ms)));
        for (const alarm of made) alarms.set(alarm);
        for (const [i, { isCleared }] of all.entries()) if (isCleared) alarms.clear(made[i]!);
        vi.advanceTimersByTime(60);
        const left = all.filter(({ isCleared }) => !isCleared).map(({ ms }) => ms);
        expect(rung).toEqual(left.sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });
});
