/** How long the next worker waits after workers have failed. The clock is a number here. */
import { describe, expect, it } from 'vitest';
import { Setbacks } from '../../src/scheduling/setbacks.js';

function makeSetbacks() {
  const clock = { now: 1_000 };
  return { clock, setbacks: new Setbacks(() => clock.now) };
}

/** Pauses after failures of which each comes when the pause before it is over. */
function pauses(fail: (setbacks: Setbacks, madeAt: number) => void, purpose: 'task' | 'spare', isAnyUp: boolean) {
  const { clock, setbacks } = makeSetbacks();
  return Array.from({ length: 12 }, () => {
    fail(setbacks, clock.now);
    const pause = setbacks.pause(purpose, isAnyUp);
    clock.now += pause;
    expect(setbacks.pause(purpose, isAnyUp)).toBe(0);
    return pause;
  });
}

const DOUBLING = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000];

describe('Setbacks', () => {
  it('a pause after a failed start doubles from 100 ms to 30 s while another worker is up', () => {
    for (const purpose of ['task', 'spare'] as const) {
      expect(pauses((setbacks, madeAt) => setbacks.startFailed(madeAt), purpose, true)).toEqual(DOUBLING);
    }
  });

  it('a pause after a failed start is 200 ms at most while no worker is up', () => {
    expect(pauses((setbacks, madeAt) => setbacks.startFailed(madeAt), 'task', false).slice(0, 4)).toEqual([
      100, 200, 200, 200,
    ]);
  });

  it('the loss of an idle worker delays spare workers in the same way, and no task', () => {
    expect(pauses((setbacks, madeAt) => setbacks.lost(madeAt, 15), 'spare', false)).toEqual(DOUBLING);
    expect(pauses((setbacks, madeAt) => setbacks.lost(madeAt, 15), 'task', false)).toEqual(Array(12).fill(0));
  });

  it('the loss of a worker that was up for 10 s delays nothing, and ends the row of losses', () => {
    const { clock, setbacks } = makeSetbacks();
    for (let i = 0; i < 5; i++) {
      setbacks.lost(clock.now, 15);
      clock.now += 1;
    }
    setbacks.lost(clock.now, 10_000);
    expect(setbacks.pause('spare', true)).toBe(0);
    setbacks.lost(clock.now, 15);
    expect(setbacks.pause('spare', true)).toBe(100);
  });

  it('workers that were made before the last failure fail together with it, as one', () => {
    const { clock, setbacks } = makeSetbacks();
    const madeAt = clock.now;
    clock.now += 50;
    expect(setbacks.startFailed(madeAt)).toBe(1);
    clock.now += 20;
    expect(setbacks.startFailed(madeAt)).toBe(1);
    expect(setbacks.pause('task', true)).toBe(80);
    expect(setbacks.startFailed(clock.now)).toBe(2);
  });

  it('a worker that comes up ends the row of failed starts; one that runs a task ends the row of those that ran none', () => {
    const { clock, setbacks } = makeSetbacks();
    setbacks.startFailed(clock.now);
    setbacks.barren(clock.now);
    setbacks.started();
    expect(setbacks.pause('task', true)).toBe(100);
    expect(setbacks.startFailed(clock.now)).toBe(1);
    setbacks.started();
    setbacks.worked();
    expect(setbacks.pause('task', true)).toBe(0);
    expect(setbacks.barren(clock.now)).toBe(1);
  });
});
