/** Jobs that may run on one worker only. */
import { describe, expect, it } from 'vitest';
import type { Scheduler as AScheduler } from '../../support/scheduler.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

const workerAt = (scheduler: AScheduler, i: number) => scheduler.dispatcher.workforce.receiving[i]!;

describe('a pinned job', () => {
  it('a pinned job is sent to its own worker, before the jobs of the queue', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [w1, w2] = scheduler.start(2);
    scheduler.submit('a b');
    scheduler.submitOne('own', { pin: workerAt(scheduler, 1) });
    endTick();
    expect([w1.log, w2.log, scheduler.queue]).toEqual([['run a'], ['run own'], 'b']);
  });

  it('a busy worker receives no other job until its own job was sent', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a b c');
    w.claims(a);
    scheduler.submitOne('own', { pin: workerAt(scheduler, 0) });
    endTick();
    expect(scheduler.queue).toBe('b c own');
    w.fulfils(a);
    expect(w.log[1]).toBe('run own');
  });

  it('a busy worker receives jobs ahead again if its own job is cancelled', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a b');
    w.claims(a);
    const own = scheduler.submitOne('own', { pin: workerAt(scheduler, 0) });
    endTick();
    expect(scheduler.queue).toBe('b own');
    scheduler.cancel(own);
    endTick();
    expect([w.log.at(-1), scheduler.queue]).toEqual(['run b', '']);
  });

  it('a job is left out if its worker ends before the job was claimed', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    const own = scheduler.submitOne('own', { pin: workerAt(scheduler, 0) });
    endTick();
    w.ends({ exitCode: 1 });
    endTick();
    expect([own.isSettled, scheduler.queue]).toEqual([true, '']);
  });

  it('a job whose worker has ended is left out at once', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const worker = workerAt(scheduler, 0);
    w.ends({ exitCode: 1 });
    const own = scheduler.submitOne('own', { pin: worker });
    endTick();
    expect([own.isSettled, worker.pinned, scheduler.dispatcher.queued]).toEqual([true, 0, 0]);
  });

  it('a job whose worker has ended is left out at once in a pause too', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const worker = workerAt(scheduler, 0);
    w.ends({ exitCode: 1 });
    scheduler.dispatcher.pause();
    const own = scheduler.submitOne('own', { pin: worker });
    endTick();
    expect([own.isSettled, worker.pinned, scheduler.dispatcher.queued]).toEqual([true, 0, 0]);
  });

  it('a job that a pause has revoked keeps its worker and its position', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    for (const name of ['x', 'y']) scheduler.submitOne(name, { pin: workerAt(scheduler, 0) });
    endTick();
    scheduler.dispatcher.pause();
    endTick();
    expect([w.log, scheduler.queue]).toEqual([['run x'], 'x y']);
    scheduler.dispatcher.resume();
    endTick();
    expect([w.log, scheduler.queue]).toEqual([['run x', 'run x'], 'y']);
  });

  it('a worker that may run no further task runs its own job, and is replaced after it', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 1 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    const own = scheduler.submitOne('own', { pin: workerAt(scheduler, 0) });
    endTick();
    w.fulfils(a);
    expect([w.log, scheduler.events]).toEqual([['run a', 'run own'], []]);
    w.fulfils(own);
    expect(scheduler.events).toContain('recycled w-1: max-tasks');
  });

  it('a worker that may run no further task is replaced if its own job is cancelled', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 1 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    const own = scheduler.submitOne('own', { pin: workerAt(scheduler, 0) });
    scheduler.dispatcher.pause();
    endTick();
    w.fulfils(a);
    expect(scheduler.events).toEqual([]);
    scheduler.cancel(own);
    expect(scheduler.events).toContain('recycled w-1: max-tasks');
  });

  it('a cancelled job frees its worker for other jobs', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    const own = scheduler.submitOne('own', { pin: workerAt(scheduler, 0) });
    scheduler.send('b');
    scheduler.cancel(own);
    expect(workerAt(scheduler, 0).pinned).toBe(0);
    w.fulfils(a);
    expect(w.log).toEqual(['run a', 'run b']);
  });
});
