/** Callbacks of jobs and listeners call the scheduler while the scheduler is at work. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

function open() {
  const scheduler = new Scheduler();
  const [w] = scheduler.start(1, 1);
  return { scheduler, w };
}

describe('a call inside a callback', () => {
  it('a job that is enqueued inside fulfilled() is sent when the tick ends', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a');
    a.during('fulfilled', () => scheduler.submit('b c'));
    w.fulfils(a);
    expect(w.log).toEqual(['run a']);
    endTick();
    expect(w.log).toEqual(['run a', 'run b c']);
  });

  it('a cancel inside fulfilled() revokes a job that was sent with this report', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a, b] = scheduler.send('a b c');
    a.during('fulfilled', () => scheduler.cancel(b));
    w.fulfils(a);
    expect([w.log, w.claims(b)]).toEqual([['run a', 'run b'], false]);
    endTick();
    expect(w.log).toEqual(['run a', 'run b', 'run c']);
  });

  it('a cancel inside fulfilled() of a job in the same report sends nothing to the worker', () => {
    const { scheduler, w } = open();
    const [a, b] = scheduler.send('a b');
    a.during('fulfilled', () => scheduler.cancel(b));
    w.fulfils(a, b);
    expect([w.log, scheduler.dispatcher.unreported]).toEqual([['run a b'], 0]);
  });

  it('a workforce that is closed inside fulfilled() receives no further job, and all reports are delivered', () => {
    const { scheduler, w } = open();
    const [a, b] = scheduler.send('a b c');
    a.during('fulfilled', () => {
      scheduler.submit('d');
      void scheduler.dispatcher.workforce.close('terminate');
    });
    w.fulfils(a, b);
    endTick();
    expect([w.log, b.history, scheduler.queue]).toEqual([['run a b c', 'kill'], ['fulfilled b'], 'd']);
  });

  it('a workforce that is closed inside rejected() of an unposted job still posts the rest of the batch', () => {
    const { scheduler, w } = open();
    const [good] = scheduler.submit('good');
    const [bad] = scheduler.submit('bad', { args: [() => {}] });
    const [late] = scheduler.submit('late');
    bad.during('rejected', () => void scheduler.dispatcher.workforce.close('terminate'));
    endTick();
    expect([w.log, good.stateName, late.stateName]).toEqual([['run good', 'run late', 'kill'], 'sent', 'sent']);
  });

  it('a workforce that is closed inside rejected() of an unposted job sends nothing to the next worker', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [bad] = scheduler.submit('bad', { args: [() => {}] });
    scheduler.submit('a');
    bad.during('rejected', () => void scheduler.dispatcher.workforce.close('terminate'));
    endTick();
    expect([v.log, w.log, scheduler.queue]).toEqual([['kill'], ['kill'], 'a']);
  });

  it('a cancel inside requeue() prevents the requeue of another job of the ended worker', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.submit('a');
    const b = scheduler.make('b', { upstream: a });
    const c = scheduler.make('c', { upstream: a });
    endTick();
    w.fulfils(a);
    c.during('requeue', () => scheduler.cancel(b));
    w.ends({ exitCode: 1 });
    expect([b.history, c.history, scheduler.queue]).toEqual([[], ['requeue'], '']);
  });

  it('a job that is enqueued inside rejected() of a lost job goes to the next worker', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a');
    w.claims(a);
    a.during('rejected', () => scheduler.submit('b'));
    w.ends({ exitCode: 1 });
    endTick();
    scheduler.workers[1]!.ready();
    expect(scheduler.workers[1]!.log).toEqual(['run b']);
  });

  it('a cancel inside progressed() asks its own job to stop', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a');
    w.claims(a);
    a.during('progressed', () => scheduler.cancel(a));
    w.says({ type: 'progress', slot: w.slotOf(a), value: 1 });
    expect(w.log).toEqual(['run a', 'abort a']);
  });

  it('a cancel inside streamed() stops its own stream, and later values are dropped', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a', { credit: 10 });
    w.claims(a);
    a.during('streamed', () => scheduler.cancel(a));
    w.emits(a, 1, 2);
    w.emits(a, 3);
    expect([w.log, a.history]).toEqual([['run a', 'abort a'], ['streamed 1 2']]);
  });

  it('a job that is enqueued by a listener of a ready worker is sent to that worker', () => {
    const scheduler = new Scheduler();
    scheduler.onEvent = (event) => {
      if (event.startsWith('ready')) scheduler.submit('a');
    };
    scheduler.dispatcher.workforce.ensure(1);
    scheduler.workers[0]!.ready();
    expect(scheduler.workers[0]!.log).toEqual(['run a']);
  });

  it('a listener of a recycled worker that closes the workforce ends the worker once', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 1 });
    scheduler.onEvent = (event) => {
      if (event.startsWith('recycled')) void scheduler.dispatcher.workforce.close('terminate');
    };
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a b');
    w.fulfils(a);
    endTick();
    expect([w.log, scheduler.queue]).toEqual([['run a', 'end', 'kill'], 'b']);
    expect(scheduler.workers).toHaveLength(1);
  });
});
