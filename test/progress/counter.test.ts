import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProgressCounter } from '../../src/progress/counter.js';
import { ResultStream } from '../../src/stream/result-stream.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Counts one outcome every `ms`. */
function count(counter: ProgressCounter, times: number, ms = 0) {
  for (let i = 0; i < times; i++) {
    vi.advanceTimersByTime(ms);
    counter.count({ status: 'fulfilled' });
  }
}

describe('the snapshot of a counter', () => {
  it('each status is counted, and all together are `done`', () => {
    const counter = new ProgressCounter(undefined);
    for (const status of ['fulfilled', 'rejected', 'fulfilled', 'cancelled'] as const) counter.count({ status });
    expect(counter.snapshot()).toMatchObject({ done: 4, fulfilled: 2, rejected: 1, cancelled: 1 });
  });

  it('the clock starts when the counter is created', () => {
    const counter = new ProgressCounter(undefined);
    vi.advanceTimersByTime(1_500);
    expect(counter.snapshot().elapsed).toBe(1_500);
  });

  it('the time never decreases, even if the system clock is set back', () => {
    const counter = new ProgressCounter(undefined);
    vi.advanceTimersByTime(1_000);
    counter.count({ status: 'fulfilled' });
    vi.setSystemTime(Date.now() - 60_000);
    expect(counter.snapshot().elapsed).toBe(1_000);
  });

  it('rate and eta are known with a steady pace and a total', () => {
    const counter = new ProgressCounter(40);
    count(counter, 20, 100);
    const { rate, eta } = counter.snapshot();
    expect(rate).toBeCloseTo(10, 0);
    expect(eta).toBeCloseTo(2_000, -2);
  });

  it('there is no eta without a total, and an eta of 0 at the end', () => {
    const open = new ProgressCounter(undefined);
    count(open, 3, 100);
    expect(open.snapshot()).toMatchObject({ total: undefined, eta: undefined });
    const done = new ProgressCounter(3);
    count(done, 3);
    expect(done.snapshot().eta).toBe(0);
  });

  it('the total is never below `done`', () => {
    const counter = new ProgressCounter(2);
    count(counter, 3);
    expect(counter.snapshot().total).toBe(3);
  });
});

describe('the total', () => {
  it('a ResultStream reports its total, unless the user passed one', () => {
    let report = (_total: number) => {};
    const source = Object.create(ResultStream.prototype, {
      _expecting: {
        value: (reporting: (total: number) => void) => {
          report = reporting;
          return source;
        },
      },
    });
    const counter = new ProgressCounter(undefined);
    expect(counter.of(source)).toBe(source);
    report(5);
    report(4);
    expect(counter.snapshot().total).toBe(5);
    const own = new ProgressCounter(9);
    own.of(source);
    report(5);
    expect(own.snapshot().total).toBe(9);
  });
});
