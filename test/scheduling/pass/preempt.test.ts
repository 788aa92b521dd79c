/** The first step of a scheduling pass: an urgent job revokes less urgent jobs. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('the preempt step', () => {
  it('an urgent job is sent before the less urgent jobs that its worker has not claimed', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a b c');
    w.claims(a);
    scheduler.send('urgent', { priority: 1 });
    expect(w.log).toEqual(['run a b c', 'run urgent b c']);
  });

  it('a less urgent job that its worker claims first stays there', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b c');
    w.claims(a);
    w.claims(b);
    scheduler.send('urgent', { priority: 1 });
    expect(w.log).toEqual(['run a b c', 'run urgent c']);
  });

  it('revoked jobs return to their old position, before newer jobs of their priority', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a b c d e f g h');
    w.claims(a);
    scheduler.send('u1 u2 u3 u4 u5', { priority: 1 });
    expect(w.log).toEqual(['run a b c d e f', 'run u1 u2 u3 u4 u5']);
    expect(scheduler.queue).toBe('b c d e f g h');
  });

  // A known fault: the jobs of each worker return together, those of the last worker first.
  it('jobs that are revoked from several workers return in the order of their submits', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [a, , , d] = scheduler.send('a b c d e f');
    v.claims(a);
    w.claims(d);
    scheduler.send('u1 u2 u3 u4 u5 u6 u7 u8 u9 u10', { priority: 1 });
    expect(scheduler.queue).toBe('b c e f');
  });

  it('jobs of the same or a higher priority are not revoked', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    scheduler.send('higher', { priority: 2 });
    scheduler.send('same', { priority: 1 });
    scheduler.send('lower', { priority: 0 });
    scheduler.send('urgent', { priority: 1 });
    expect(w.log.slice(3)).toEqual(['run urgent lower']);
  });

  it('a job that is not urgent revokes nothing', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    scheduler.send('a b', { priority: 1 });
    scheduler.send('c', { priority: 1 });
    scheduler.send('d', { priority: 0 });
    expect(w.log).toEqual(['run a b', 'run c', 'run d']);
  });

  it('an urgent job waits behind jobs that can’t be revoked', () => {
    const scheduler = new Scheduler({ canRevoke: false });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a b');
    scheduler.send('urgent', { priority: 1 });
    expect([w.log, scheduler.queue]).toEqual([['run a'], 'urgent b']);
    w.fulfils(a);
    expect(w.log).toEqual(['run a', 'run urgent']);
  });

  it('an urgent job that was cancelled revokes nothing', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    scheduler.send('a b');
    const [urgent] = scheduler.submit('urgent', { priority: 1 });
    scheduler.cancel(urgent);
    scheduler.send('c');
    expect(w.log).toEqual(['run a b', 'run c']);
  });
});
