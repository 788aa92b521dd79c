/**
 * Races 1 and 2 of docs/internals/ledger.md: the main thread revokes a job while its worker claims
 * the job, and the slot of a revoked job.
 */
import { describe, expect, it } from 'vitest';
import type { FakeJob } from '../../support/fake-job.js';
import type { FakeWorker } from '../../support/fake-worker.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

interface Pair {
  readonly scheduler: Scheduler;
  /** Has a, b and c, and runs a. */
  readonly v: FakeWorker;
  /** Has d, e and f. As soon as it reports, it steals c. */
  readonly w: FakeWorker;
  readonly a: FakeJob;
  readonly b: FakeJob;
  readonly c: FakeJob;
  steal(): void;
}

function openPair(): Pair {
  const scheduler = new Scheduler({ maxWorkers: 2 });
  const [v, w] = scheduler.start(2, 1);
  const [a, b, c, ...rest] = scheduler.send('a b c d e f');
  v.claims(a);
  return { scheduler, v, w, a, b, c, steal: () => w.fulfils(...rest) };
}

describe('both sides want a job', () => {
  it('a claim fails if the main thread has revoked the job, and the job runs elsewhere', () => {
    const { v, w, c, steal } = openPair();
    steal();
    expect(v.claims(c)).toBe(false);
    v.skips(c);
    w.fulfils(c);
    expect([w.log[1], c.history]).toEqual(['run c', ['fulfilled c']]);
  });

  it('a revoke fails if the worker has claimed the job, and the job runs there', () => {
    const { v, w, a, b, c, steal } = openPair();
    for (const job of [b, c]) v.claims(job);
    steal();
    v.fulfils(a, b, c);
    expect([w.log, c.history]).toEqual([['run d e f'], ['fulfilled c']]);
  });

  it('a skip that comes after the report of the second worker settles nothing again', () => {
    const { scheduler, v, w, c, steal } = openPair();
    steal();
    w.fulfils(c);
    v.skips(c);
    expect([c.history, scheduler.dispatcher.unreported]).toEqual([['fulfilled c'], 2]);
  });

  it('a skip of the first worker does not settle a job that runs on the second one', () => {
    const { v, w, c, steal } = openPair();
    steal();
    w.claims(c);
    v.skips(c);
    expect([c.history, c.stateName]).toEqual([[], 'sent']);
    w.fulfils(c);
    expect(c.history).toEqual(['fulfilled c']);
  });

  it('progress for the revoked post does not reach the job on its second worker', () => {
    const { v, w, c, steal } = openPair();
    steal();
    w.claims(c);
    v.says({ type: 'progress', slot: v.slotOf(c), value: 'old' });
    w.says({ type: 'progress', slot: w.slotOf(c), value: 'new' });
    expect(c.history).toEqual(['progressed new']);
  });

  it('a job that has ended but is not reported can’t be revoked', () => {
    const { scheduler, v, a } = openPair();
    v.ledger.finish(v.slotOf(a));
    expect(scheduler.dispatcher.revoke(a)).toBe(false);
  });
});

describe('the slot of a revoked job', () => {
  it('a slot is used again only after its worker has reported the revoked job', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    const { slot } = b;
    scheduler.cancel(b);
    const [c] = scheduler.send('c');
    expect(c.slot).not.toBe(slot);
    w.skips(b);
    const [d] = scheduler.send('d');
    expect(d.slot).toBe(slot);
  });

  it('a job that returns to the same worker has another slot, and runs once', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    const { slot } = b;
    pass(11);
    scheduler.send('c');
    w.fulfils(a);
    expect([w.log, b.slot === slot]).toEqual([['run a b', 'run b c'], false]);
    expect(w.claims(b)).toBe(false);
    w.skips(b);
    w.fulfils(b);
    expect([b.history, scheduler.dispatcher.unreported]).toEqual([['fulfilled b'], 1]);
  });

  it('a revoked job is subtracted from the load of its worker at once', () => {
    const { scheduler, b, c } = openPair();
    for (const job of [b, c]) scheduler.cancel(job);
    expect(scheduler.dispatcher.unreported).toBe(4);
  });

  it('the slots of a batch that can’t be posted are free at once', () => {
    const scheduler = new Scheduler();
    scheduler.start(1, 1);
    const [bad] = scheduler.send('bad', { args: [() => {}] });
    const { slot } = bad;
    const [next] = scheduler.send('next');
    expect(next.slot).toBe(slot);
    endTick();
    expect(bad.history).toHaveLength(1);
  });
});
