/** Pauses before the next start after workers have failed. The clock is a number. */
import { describe, expect, it } from 'vitest';
import { StartBackoff } from '../../../src/scheduling/workforce/start-backoff.js';

function makeBackoff() {
  const clock = { now: 1_000 };
  return { clock, backoff: new StartBackoff(() => clock.now) };
}

/** Returns the pauses after failures. Each failure happens when the pause before it is over. */
function pauses(fail: (backoff: StartBackoff, madeAt: number) => void, purpose: 'task' | 'spare', isAnyUp: boolean) {
  const { clock, backoff } = makeBackoff();
  return Array.from({ length: 12 }, () => {
    fail(backoff, clock.now);
    const pause = backoff.delayOf(purpose, isAnyUp);
    clock.now += pause;
    expect(backoff.delayOf(purpose, isAnyUp)).toBe(0);
    return pause;
  });
}

const DOUBLING = [100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000];

describe('StartBackoff', () => {
  it('the pause after a failed start doubles from 100 ms to 30 s while another worker is up', () => {
    for (const purpose of ['task', 'spare'] as const) {
      expect(pauses((backoff, madeAt) => backoff.startFailed(madeAt), purpose, true)).toEqual(DOUBLING);
    }
  });

  it('the pause after a failed start is at most 200 ms while no worker is up', () => {
    expect(pauses((backoff, madeAt) => backoff.startFailed(madeAt), 'task', false).slice(0, 4)).toEqual([
      100, 200, 200, 200,
    ]);
  });

  it('the loss of an idle worker delays spare workers in the same way, but no task', () => {
    expect(pauses((backoff, madeAt) => backoff.idleEnded(madeAt, 15), 'spare', false)).toEqual(DOUBLING);
    expect(pauses((backoff, madeAt) => backoff.idleEnded(madeAt, 15), 'task', false)).toEqual(Array(12).fill(0));
  });

  it('the loss of a worker that was up for 10 s delays nothing and ends the row of losses', () => {
    const { clock, backoff } = makeBackoff();
    for (let i = 0; i < 5; i++) {
      backoff.idleEnded(clock.now, 15);
      clock.now += 1;
    }
    backoff.idleEnded(clock.now, 10_000);
    expect(backoff.delayOf('spare', true)).toBe(0);
    backoff.idleEnded(clock.now, 15);
    expect(backoff.delayOf('spare', true)).toBe(100);
  });

  it('a worker that was created before the last failure does not count as another failure', () => {
    const { clock, backoff } = makeBackoff();
    const madeAt = clock.now;
    clock.now += 50;
    expect(backoff.startFailed(madeAt)).toBe(1);
    clock.now += 20;
    expect(backoff.startFailed(madeAt)).toBe(1);
    expect(backoff.delayOf('task', true)).toBe(80);
    expect(backoff.startFailed(clock.now)).toBe(2);
  });

  it('a worker that comes up ends the row of failed starts, and a worker that runs a task ends the row of unused workers', () => {
    const { clock, backoff } = makeBackoff();
    backoff.startFailed(clock.now);
    backoff.endedUnused(clock.now);
    backoff.started();
    expect(backoff.delayOf('task', true)).toBe(100);
    expect(backoff.startFailed(clock.now)).toBe(1);
    backoff.started();
    backoff.worked();
    expect(backoff.delayOf('task', true)).toBe(0);
    expect(backoff.endedUnused(clock.now)).toBe(1);
  });
});
