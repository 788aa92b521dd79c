/** The third step of a scheduling pass: queued jobs are sent to the workers that have room. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('the assign step', () => {
  it('a worker whose pace is unknown receives only what it can start at once', () => {
    const scheduler = new Scheduler({ concurrency: 2 });
    const [w] = scheduler.start(1);
    scheduler.send('a b c');
    expect([w.log, scheduler.queue]).toEqual([['run a b'], 'c']);
  });

  it('a worker receives as many jobs ahead as it completes in 5 ms', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    scheduler.send('a b c d e f g h');
    expect([w.log, scheduler.queue]).toEqual([['run a b c d e f'], 'g h']);
  });

  it('a worker whose jobs take longer than 5 ms receives nothing ahead', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 6);
    scheduler.send('a b');
    expect([w.log, scheduler.queue]).toEqual([['run a'], 'b']);
  });

  it('a worker that can’t return jobs receives nothing ahead, whatever its pace', () => {
    const scheduler = new Scheduler({ canRevoke: false });
    const [w] = scheduler.start(1, 0.1);
    scheduler.send('a b');
    expect([w.log, scheduler.queue]).toEqual([['run a'], 'b']);
  });

  it('every worker receives an equal share if there are fewer jobs than room', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    const workers = scheduler.start(3, 1);
    scheduler.send('a b c d e f g');
    expect(workers.map(({ log }) => log)).toEqual([['run a b c'], ['run d e'], ['run f g']]);
  });

  it('the worker with the least work is served first', () => {
    const scheduler = new Scheduler({ maxWorkers: 3 });
    const [u, v, w] = scheduler.start(3, 1);
    const [, , c] = scheduler.send('a b c');
    w.fulfils(c);
    scheduler.send('d');
    expect([u.log, v.log, w.log]).toEqual([['run a'], ['run b'], ['run c', 'run d']]);
  });

  it('the highest priority is sent first, then the oldest job', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    scheduler.submit('a');
    scheduler.submit('urgent', { priority: 1 });
    scheduler.submit('b');
    scheduler.send('idle', { priority: -1 });
    expect(w.log).toEqual(['run urgent a b idle']);
  });

  it('a worker receives no more job trees than maxTasksPerWorker leaves', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 3 });
    const [w] = scheduler.start(1, 1);
    scheduler.send('a b c');
    expect([w.log, scheduler.queue]).toEqual([['run a b'], 'c']);
  });

  it('a revoked job does not count towards maxTasksPerWorker', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 3 });
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b c');
    w.claims(a);
    scheduler.cancel(b);
    endTick();
    expect([w.log, scheduler.queue]).toEqual([['run a b', 'run c'], '']);
  });

  it('a job tree counts as one task, however many jobs it has', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 3 });
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.submit('a');
    scheduler.make('after a', { upstream: a });
    scheduler.send('b c');
    expect([w.log, scheduler.queue]).toEqual([['run a(after a) b'], 'c']);
  });

  it('a worker that is starting receives no job', () => {
    const scheduler = new Scheduler();
    scheduler.send('a');
    const [w] = scheduler.workers;
    expect(w!.log).toEqual([]);
    w!.ready();
    expect(w!.log).toEqual(['run a']);
  });

  it('the cells of the ledger limit the jobs in flight, with a reserve for a job tree of 256', () => {
    const scheduler = new Scheduler({ concurrency: 10_000 });
    scheduler.start(1);
    for (let i = 0; i < 8_000; i++) scheduler.submitOne('a');
    scheduler.dispatcher.schedule();
    scheduler.send('last');
    expect(scheduler.dispatcher.queued).toBe(8_001 - (8_192 - 256));
  });
});
