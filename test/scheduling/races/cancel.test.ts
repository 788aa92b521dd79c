/** A cancel meets a job in each of its states, and crosses with messages of the worker. */
import { describe, expect, it } from 'vitest';
import { STOPPED } from '../../../src/protocol/ledger.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('a cancel', () => {
  it('a queued job that is cancelled leaves the queue', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a, b] = scheduler.send('a b c');
    scheduler.cancel(b);
    expect([scheduler.queue, scheduler.dispatcher.queued]).toEqual(['c', 1]);
    w.fulfils(a);
    expect(w.log).toEqual(['run a', 'run c']);
  });

  it('a sent job that is cancelled before its worker claims it never runs, and needs no abort', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    scheduler.cancel(b);
    expect([w.claims(b), w.log]).toEqual([false, ['run a b']]);
    w.skips(b);
    expect(b.history).toEqual([]);
  });

  it('a cancelled job makes room for the next one when the tick ends', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a b');
    scheduler.cancel(a);
    expect(w.log).toEqual(['run a']);
    endTick();
    expect(w.log).toEqual(['run a', 'run b']);
  });

  it('a job that its worker has claimed is asked to stop, and starts no later step', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    scheduler.cancel(a);
    expect([w.log, w.ledger.stateOf(w.slotOf(a))]).toEqual([['run a', 'abort a'], STOPPED]);
  });

  it('a cancelled job that runs occupies its worker until the report, whose outcome is ignored', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a b');
    w.claims(a);
    scheduler.cancel(a);
    endTick();
    expect(scheduler.queue).toBe('b');
    w.fulfils(a);
    expect([scheduler.queue, a.history]).toEqual(['', []]);
  });

  it('a cancel that crosses with the report of its job does nothing to the next job in the slot', () => {
    const scheduler = new Scheduler({ terminateAfter: 100 });
    const [w] = scheduler.start(1);
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    w.ledger.finish(w.slotOf(a));
    scheduler.cancel(a);
    w.fulfils(a);
    expect([a.history, w.log, b.slot]).toEqual([[], ['run a', 'abort a', 'run b'], a.slot]);
    w.claims(b);
    pass(1_000);
    expect(w.log.at(-1)).toBe('run b');
  });

  it('a job that is cancelled after the main thread has revoked it stays revoked', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b c');
    w.claims(a);
    pass(11);
    scheduler.send('d');
    expect(scheduler.queue).toBe('b c d');
    scheduler.cancel(b);
    w.skips(b);
    w.fulfils(a);
    expect([w.log, b.history, b.stateName]).toEqual([['run a b c', 'run c d'], [], 'gone']);
  });

  it('a job that is cancelled between two posts runs on neither worker', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [a, , c, ...rest] = scheduler.send('a b c d e f');
    v.claims(a);
    w.fulfils(...rest);
    expect(w.log.at(-1)).toBe('run c');
    scheduler.cancel(c);
    expect([v.claims(c), w.claims(c)]).toEqual([false, false]);
    v.skips(c);
    w.skips(c);
    expect([c.history, scheduler.dispatcher.unreported]).toEqual([[], 2]);
  });

  it('a job that is cancelled twice is subtracted once', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    for (const job of [a, b, b, a]) scheduler.cancel(job);
    w.fulfils(a);
    w.skips(b);
    expect([w.log, scheduler.dispatcher.unreported]).toEqual([['run a b', 'abort a'], 0]);
  });

  it('an abort reaches a worker that shares no memory, and its job counts until the report', () => {
    const scheduler = new Scheduler({ canRevoke: false });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    scheduler.cancel(a);
    expect([w.log, scheduler.dispatcher.unreported]).toEqual([['run a', 'abort a'], 1]);
    w.skips(a);
    expect([a.history, scheduler.dispatcher.unreported]).toEqual([[], 0]);
  });
});
