/** A paused dispatcher: no job starts, and everything returns to the queue that has not started. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('a paused dispatcher', () => {
  it('jobs of a paused scheduler are queued, and no worker is started for them', () => {
    const scheduler = new Scheduler();
    scheduler.dispatcher.pause();
    scheduler.send('a b');
    expect([scheduler.queue, scheduler.events]).toEqual(['a b', []]);
    scheduler.dispatcher.resume();
    endTick();
    expect(scheduler.events).toEqual(['spawned w-1']);
  });

  it('jobs that no worker has claimed return to their old position', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b c d');
    w.claims(a);
    scheduler.dispatcher.pause();
    expect(scheduler.queue).toBe('b c d');
    expect(w.claims(b)).toBe(false);
    w.fulfils(a);
    expect(scheduler.queue).toBe('b c d');
  });

  it('a dependent of a running job runs with it', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.submit('a');
    const b = scheduler.make('b', { upstream: a });
    endTick();
    w.claims(a);
    scheduler.dispatcher.pause();
    expect(w.claims(b)).toBe(true);
  });

  it('a job that was enqueued while the dispatcher was paused can be cancelled', () => {
    const scheduler = new Scheduler();
    scheduler.dispatcher.pause();
    const [a] = scheduler.send('a');
    scheduler.cancel(a);
    expect([scheduler.queue, scheduler.dispatcher.queued]).toEqual(['', 0]);
  });
});
