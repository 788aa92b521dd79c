/** A job is revoked for a new attempt, unless its worker was first. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('Dispatcher.revoke()', () => {
  it('a job that has not started is revoked and can be enqueued again', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    expect([scheduler.dispatcher.revoke(b), b.stateName]).toEqual([true, 'waiting']);
    scheduler.dispatcher.enqueue(b);
    endTick();
    expect(w.log).toEqual(['run a b', 'run b']);
  });

  it('a job that was claimed is not revoked', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    expect([scheduler.dispatcher.revoke(a), a.stateName, w.log]).toEqual([false, 'sent', ['run a']]);
  });

  it('a job that was never sent counts as revoked', () => {
    const scheduler = new Scheduler();
    expect(scheduler.dispatcher.revoke(scheduler.make('a'))).toBe(true);
  });

  it('a message makes a worker without shared memory skip a job that waits for its upstream', () => {
    const scheduler = new Scheduler({ canRevoke: false });
    const [w] = scheduler.start(1);
    const [a] = scheduler.submit('a');
    const b = scheduler.make('b', { upstream: a });
    endTick();
    expect([scheduler.dispatcher.revoke(b), b.stateName]).toEqual([true, 'waiting']);
    expect(w.log).toEqual(['run a(b)', 'abort b']);
    expect(scheduler.dispatcher.revoke(a)).toBe(false);
  });
});
