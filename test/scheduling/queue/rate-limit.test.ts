/** The sliding window of `rateLimit`, with jobs that are sent ahead. */
import { describe, expect, it, vi } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

const limited = (count: number) => new Scheduler({ rateLimit: { count, interval: 100 } });

describe('the window of rateLimit', () => {
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

  it('a cancelled job that was sent and not claimed gives its place back', () => {
    const scheduler = limited(3);
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b c');
    expect(w.log).toEqual(['run a b']);
    w.claims(a);
    scheduler.cancel(b);
    endTick();
    expect(w.log).toEqual(['run a b', 'run c']);
  });

  it('the jobs that a dead worker had not claimed give their places back', () => {
    const scheduler = new Scheduler({ maxWorkers: 2, rateLimit: { count: 5, interval: 100 } });
    const [w1, w2] = scheduler.start(2, 1);
    const [a] = scheduler.send('a b c d');
    expect([w1.log, w2.log]).toEqual([['run a b'], ['run c']]);
    w1.claims(a);
    w1.ends({ exitCode: 1 });
    endTick();
    expect([w2.log, scheduler.queue]).toEqual([['run c', 'run b'], 'd']);
  });

  it('a job that was sent ahead moves to an idle worker while the window is full', () => {
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

  it.each(Array.from({ length: 30 }, (_, i) => i + 1))(
    'a job is sent if its place becomes free in the middle of a scheduling pass, at reading %i of the clock',
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
