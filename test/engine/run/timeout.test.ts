import { TimeoutError } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TaskRun } from '../../../src/engine/run/task-run.js';
import { watchTimeout } from '../../../src/engine/run/timeout.js';
import { now } from '../../../src/platform/time.js';
import type { UserTimer } from '../../../src/platform/timers.js';
import { SENT, WAITING } from '../../../src/scheduling/job/job-state.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

/**
 * A run on a worker. The clock counts as real, because on a faked clock a started task has used up
 * its time at the first check.
 */
function runOf(timeout: number | undefined) {
  let timer: UserTimer | undefined;
  let startedAt = -1;
  let endedAt = Number.NaN;
  const worker = { startedAt: () => startedAt, endedAt: () => endedAt, hasClaimed: () => startedAt >= 0 };
  const run = {
    id: 1,
    name: 'slow',
    task: { options: { timeout } },
    state: SENT,
    worker,
    slot: 3,
    rare: {
      get timer() {
        return timer;
      },
      set timer(made) {
        timer = made && Object.assign(made, { isFaked: run.isFaked });
      },
    },
    isFaked: false,
    rejected: vi.fn<(error: unknown) => void>(),
    dependents: [{ future: { isSettled: false } }],
    owner: { cancelJob: vi.fn(), dispatcher: { revoke: vi.fn(() => true) } },
    start() {
      startedAt = now();
    },
    end() {
      endedAt = now();
    },
  };
  return run;
}

const watch = (run: ReturnType<typeof runOf>) => watchTimeout(run as unknown as TaskRun);

describe('watchTimeout', () => {
  it('a task that runs longer than its timeout is stopped and rejected with a TimeoutError', () => {
    const run = runOf(100);
    watch(run);
    run.start();
    vi.advanceTimersByTime(99);
    expect(run.rejected).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    const [[error]] = run.rejected.mock.calls as [[TimeoutError]];
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error.message).toMatch(/^Task "slow" \(#1\) exceeded its timeout of 100 ms while it ran, and was stopped\./);
    expect(error.phase).toBe('running');
    expect(run.owner.cancelJob).toHaveBeenCalledWith(run, error);
  });

  it('time before the start does not count', () => {
    const run = runOf(100);
    watch(run);
    vi.advanceTimersByTime(250);
    run.start();
    vi.advanceTimersByTime(99);
    expect(run.rejected).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(run.rejected).toHaveBeenCalledTimes(1);
  });

  it('a task that has finished is not rejected', () => {
    const run = runOf(100);
    watch(run);
    run.start();
    run.state = WAITING;
    vi.advanceTimersByTime(1_000);
    expect(run.rejected).not.toHaveBeenCalled();
  });

  it('a task is not rejected if one of its dependents has started, because its report is on the way', () => {
    const run = runOf(100);
    run.owner.dispatcher.revoke.mockReturnValue(false);
    watch(run);
    run.start();
    vi.advanceTimersByTime(1_000);
    expect(run.rejected).not.toHaveBeenCalled();
    expect(run.owner.cancelJob).not.toHaveBeenCalled();
  });

  it('a task that ended in time is not rejected, even if its report has not been handled', () => {
    const run = runOf(100);
    watch(run);
    run.start();
    vi.advanceTimersByTime(60);
    run.end();
    vi.advanceTimersByTime(1_000);
    expect(run.rejected).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a started task has used up its time when the timer fires, if the clock is faked', () => {
    const run = runOf(100);
    run.isFaked = true;
    watch(run);
    vi.advanceTimersByTime(50);
    run.start();
    vi.advanceTimersByTime(50);
    expect(run.rejected).toHaveBeenCalledTimes(1);
  });

  it.each([undefined, Number.POSITIVE_INFINITY])('a timeout of %s starts no timer', (timeout) => {
    watch(runOf(timeout));
    expect(vi.getTimerCount()).toBe(0);
  });
});
