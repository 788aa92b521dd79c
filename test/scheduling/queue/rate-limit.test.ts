/** The permits of `rateLimit`, with jobs that are sent ahead. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setInternalClock } from '../../../src/platform/time.js';
import { DONE, UNCLAIMED } from '../../../src/protocol/ledger.js';
import { REPORT_FULFILLED, REPORT_SKIPPED } from '../../../src/protocol/messages.js';
import { GONE, SENT } from '../../../src/scheduling/job/job-state.js';
import { RateLimit } from '../../../src/scheduling/queue/rate-limit.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

const limited = (count: number) => new Scheduler({ rateLimit: { count, interval: 100 } });

describe('the permits of rateLimit', () => {
  it('no more than `count` jobs are sent, and the next follows one interval after the first has started', () => {
    const scheduler = limited(2);
    const [w] = scheduler.start(1);
    const [a, b, c] = scheduler.send('a b c');
    w.fulfils(a);
    w.fulfils(b);
    expect(scheduler.queue).toBe('c');
    pass(99);
    expect(scheduler.queue).toBe('c');
    pass(1);
    endTick();
    expect(scheduler.queue).toBe('');
    w.fulfils(c);
  });

  it('a cancelled job that was sent and not claimed gives its permit back', () => {
    const scheduler = limited(3);
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b c');
    expect(w.log).toEqual(['run a b']);
    w.claims(a);
    scheduler.cancel(b);
    endTick();
    expect(w.log).toEqual(['run a b', 'run c']);
  });

  it('the jobs that a dead worker had not claimed give their permits back', () => {
    const scheduler = new Scheduler({ maxWorkers: 2, rateLimit: { count: 5, interval: 100 } });
    const [w1, w2] = scheduler.start(2, 1);
    const [a] = scheduler.send('a b c d');
    expect([w1.log, w2.log]).toEqual([['run a b'], ['run c']]);
    w1.claims(a);
    w1.ends({ exitCode: 1 });
    endTick();
    expect([w2.log, scheduler.queue]).toEqual([['run c', 'run b'], 'd']);
  });

  it('a job that was sent ahead moves to an idle worker while no permit is free', () => {
    const scheduler = new Scheduler({ maxWorkers: 2, rateLimit: { count: 6, interval: 60_000 } });
    const [w1, w2] = scheduler.start(2, 1);
    const [a, b, c, d] = scheduler.send('a b c d e f');
    expect([w1.log, w2.log, scheduler.queue]).toEqual([['run a b'], ['run c d'], 'e f']);
    w1.claims(a);
    w2.fulfils(c, d);
    pass(20);
    expect(w2.log).toEqual(['run c d', 'run b']);
    expect(w1.claims(b)).toBe(false);
    expect(scheduler.queue).toBe('e f');
  });

  it('an idle worker steals no job while a part of a broadcast waits for it', () => {
    const scheduler = new Scheduler({ maxWorkers: 2, rateLimit: { count: 6, interval: 100 } });
    const [w1, w2] = scheduler.start(2, 1);
    const [y] = scheduler.send('y');
    w1.claims(y);
    const [a] = scheduler.send('a b c');
    w2.claims(a);
    const pin = scheduler.dispatcher.workforce.receiving[0]!;
    scheduler.submitOne('own', { pin });
    endTick();
    expect([w2.log.at(-1), scheduler.queue]).toEqual(['run c', 'own']);
    w1.log.length = 0;
    w1.fulfils(y);
    endTick();
    expect([w1.log, scheduler.queue]).toEqual([[], 'own']);
    pass(100);
    endTick();
    expect([w1.log[0], scheduler.queue]).toEqual(['run own', '']);
  });

  it('a part of a broadcast waits for a permit', () => {
    const scheduler = new Scheduler({ maxWorkers: 2, rateLimit: { count: 3, interval: 100 } });
    const [w1, w2] = scheduler.start(2, 1);
    for (const pin of scheduler.dispatcher.workforce.receiving) scheduler.submitOne(`on ${pin.name}`, { pin });
    endTick();
    expect([w1.log, w2.log, scheduler.queue]).toEqual([['run on w-1'], [], 'on w-2']);
    pass(100);
    endTick();
    expect([w2.log, scheduler.queue]).toEqual([['run on w-2'], '']);
  });

  it.each(Array.from({ length: 30 }, (_, i) => i + 1))(
    'a job is sent if a permit becomes free in the middle of a scheduling pass, at reading %i of the clock',
    (reading) => {
      const scheduler = new Scheduler({ maxWorkers: 2, rateLimit: { count: 1, interval: 100 } });
      const [w] = scheduler.start(2);
      const [a] = scheduler.send('a');
      w.fulfils(a);
      const start = Date.now();
      let readings = 0;
      const clock = vi.spyOn(Date, 'now').mockImplementation(() => start + (++readings >= reading ? 100 : 0));
      scheduler.send('b');
      endTick();
      clock.mockRestore();
      pass(100);
      endTick();
      expect(scheduler.queue).toBe('');
    },
  );

  it('no worker is started for jobs that may not start', () => {
    const scheduler = new Scheduler({ maxWorkers: 4, rateLimit: { count: 1, interval: 100 } });
    scheduler.send('a b c');
    expect(scheduler.events).toEqual(['spawned w-1']);
  });
});

describe('the permits of a rate limit', () => {
  afterEach(() => {
    setInternalClock();
    vi.useRealTimers();
  });

  /** Replaces the clock of the library. The clock of the program is not faked. */
  function useSettableClock() {
    vi.useRealTimers();
    const clock = { time: Date.now() };
    const performance = { timeOrigin: 0, now: () => clock.time };
    setInternalClock(Object.create(globalThis, { performance: { value: performance } }));
    return clock;
  }

  /** A worker whose cells and start times the test sets. */
  const worker = { cells: [UNCLAIMED, UNCLAIMED], starts: [0, 0] };
  const fake = () => {
    const { cells, starts } = structuredClone(worker);
    return { cells, starts, cellAt: (slot: number) => cells[slot]!, startedAt: (slot: number) => starts[slot]! } as any;
  };
  const open = (count: number) => new RateLimit({ count, interval: 100 }, () => {});
  const jobIn = (slot: number, w: unknown, state: number = SENT) => ({ slot, worker: w, state }) as any;

  it('a job that could not be posted takes no permit', () => {
    const limit = open(1);
    const w = fake();
    limit.sent(w, [jobIn(0, w, GONE), jobIn(0, undefined)]);
    expect(limit.freePermits).toBe(1);
  });

  it('a job that its worker has skipped gives its permit back, and a job that has run does not', () => {
    const limit = open(1);
    const w = fake();
    limit.sent(w, [jobIn(0, w)]);
    limit.reported(w, 0, REPORT_SKIPPED);
    expect(limit.freePermits).toBe(1);
    limit.sent(w, [jobIn(0, w)]);
    w.starts[0] = Date.now();
    limit.reported(w, 0, REPORT_FULFILLED);
    expect(limit.freePermits).toBe(0);
  });

  it('a start that seems to be in the future counts as a start now', () => {
    const clock = useSettableClock();
    const limit = open(1);
    const w = fake();
    limit.sent(w, [jobIn(0, w)]);
    w.cells[0] = DONE;
    w.starts[0] = clock.time + 60_000;
    expect(limit.freePermits).toBe(0);
    clock.time += 101;
    expect(limit.freePermits).toBe(1);
  });

  it('starts that become known in another order expire in the order of their times', () => {
    const clock = useSettableClock();
    const limit = open(2);
    const w = fake();
    limit.sent(w, [jobIn(0, w), jobIn(1, w)]);
    w.starts.splice(0, 2, clock.time + 50, clock.time + 10);
    clock.time += 60;
    limit.reported(w, 0, REPORT_FULFILLED);
    limit.reported(w, 1, REPORT_FULFILLED);
    expect(limit.freePermits).toBe(0);
    clock.time += 51;
    expect(limit.freePermits).toBe(1);
  });

  it('a job that was sent before the clock was faked counts from the time of the new clock', () => {
    vi.useRealTimers();
    const limit = open(1);
    const w = fake();
    limit.sent(w, [jobIn(0, w)]);
    vi.useFakeTimers({ now: 0 });
    expect(limit.freePermits).toBe(0);
    vi.setSystemTime(50);
    w.starts[0] = 50;
    limit.reported(w, 0, REPORT_FULFILLED);
    vi.setSystemTime(101);
    expect(limit.freePermits).toBe(1);
  });
});
