/** The orderly end of a worker: its finalizer runs after its last task, then its session ends. */
import { describe, expect, it } from 'vitest';
import { Scheduler, type SchedulerOptions } from '../../support/scheduler.js';
import { block, endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

function open(options: SchedulerOptions = {}) {
  const scheduler = new Scheduler({ finalizer: 'close', finalizeTimeout: 100, ...options });
  const [w] = scheduler.start(1);
  return { scheduler, w };
}

describe('a worker with a finalizer', () => {
  it('a finalizer runs after the last job of its worker, and the session ends after the finalizer', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a');
    void scheduler.dispatcher.close('leave');
    expect(w.log).toEqual(['run a']);
    w.fulfils(a);
    expect(w.log).toEqual(['run a', 'finalize']);
    w.finalizes();
    expect(w.log).toEqual(['run a', 'finalize', 'end']);
    pass(10_000);
    expect(w.log).not.toContain('kill');
  });

  it('a finalizer runs on an idle worker and on one that has run maxTasksPerWorker tasks', () => {
    const { scheduler, w } = open({ maxTasksPerWorker: 1 });
    const [a] = scheduler.send('a');
    w.fulfils(a);
    expect(w.log).toEqual(['run a', 'finalize']);
    const idle = open({ idleTimeout: 50 });
    pass(50);
    expect(idle.w.log).toEqual(['finalize']);
  });

  it('a worker that starts runs its finalizer when it is ready', () => {
    const scheduler = new Scheduler({ finalizer: 'close', finalizeTimeout: 100 });
    scheduler.dispatcher.workforce.ensure(1);
    const [w] = scheduler.workers;
    void scheduler.dispatcher.close('leave');
    expect(w!.log).toEqual([]);
    w!.ready();
    expect(w!.log).toEqual(['finalize']);
  });

  it('a worker that does not start within finalizeTimeout is killed, and its finalizer did not fail', () => {
    const scheduler = new Scheduler({ finalizer: 'close', finalizeTimeout: 100 });
    scheduler.dispatcher.workforce.ensure(1);
    const [w] = scheduler.workers;
    void scheduler.dispatcher.close('leave');
    pass(100);
    expect([w!.log, scheduler.events]).toEqual([['kill'], ['spawned w-1']]);
  });

  it('a worker whose start has failed ends at once, without its finalizer', () => {
    const { scheduler } = open({ maxWorkers: 2 });
    scheduler.send('a b');
    const failed = scheduler.workers[1]!;
    failed.failsToBoot('initializer', new Error('no database'));
    expect(failed.log).toEqual(['end']);
  });

  it('a worker that does not answer within finalizeTimeout is killed, and the error says so', () => {
    const { scheduler, w } = open();
    void scheduler.dispatcher.close('leave');
    pass(99);
    expect(w.log).toEqual(['finalize']);
    pass(1);
    expect(w.log).toEqual(['finalize', 'kill']);
    expect(scheduler.events).toEqual([expect.stringMatching(/^finalizer failed: TimeoutError: Finalizer "close"/)]);
    w.finalizes(new Error('too late'));
    expect(scheduler.events).toHaveLength(1);
  });

  it('the end of a finalizer that arrived while the main thread was busy counts', () => {
    const { scheduler, w } = open();
    void scheduler.dispatcher.close('leave');
    pass(99);
    block(500);
    pass(1);
    w.finalizes();
    pass(10_000);
    expect([w.log, scheduler.events]).toEqual([['finalize', 'end'], []]);
  });

  it('a worker that became ready while the main thread was busy runs its finalizer', () => {
    const scheduler = new Scheduler({ finalizer: 'close', finalizeTimeout: 100 });
    scheduler.dispatcher.workforce.ensure(1);
    const [w] = scheduler.workers;
    void scheduler.dispatcher.close('leave');
    pass(99);
    block(500);
    pass(1);
    w!.ready();
    pass(1);
    w!.finalizes();
    expect(w!.log).toEqual(['finalize', 'end']);
  });

  it('an error of a finalizer is reported, and the session ends', () => {
    const { scheduler, w } = open();
    void scheduler.dispatcher.close('leave');
    w.finalizes(new RangeError('gone'));
    expect(scheduler.events).toEqual(['finalizer failed: RangeError: gone']);
    expect(w.log).toEqual(['finalize', 'end']);
  });

  it('a worker that ends with a code during its finalizer is reported, and one that ends with 0 is not', () => {
    const { scheduler, w } = open();
    void scheduler.dispatcher.close('leave');
    w.ends({ exitCode: 7 });
    expect(scheduler.events[0]).toMatch(/^finalizer failed: WorkerDiedError: .*while running finalizer "close"/);
    const other = open();
    void other.scheduler.dispatcher.close('leave');
    other.w.ends();
    expect(other.scheduler.events).toEqual(['ended w-1, code 0']);
  });

  it('terminate() lets a worker that becomes free in time run its finalizer', () => {
    const { scheduler, w } = open({ finalizeTimeout: 20 });
    const [a] = scheduler.send('a');
    w.claims(a);
    scheduler.cancel(a);
    void scheduler.dispatcher.close('terminate');
    pass(19);
    w.rejects(a, new Error('aborted'));
    expect(w.log).toEqual(['run a', 'abort a', 'finalize']);
    pass(19);
    expect(w.log).not.toContain('kill');
  });

  it('terminate() kills a worker that is busy for longer than finalizeTimeout', () => {
    const { scheduler, w } = open({ finalizeTimeout: 20 });
    const [a] = scheduler.send('a');
    w.claims(a);
    scheduler.cancel(a);
    void scheduler.dispatcher.close('terminate');
    pass(20);
    expect([w.log, scheduler.events]).toEqual([['run a', 'abort a', 'kill'], []]);
  });

  it('terminate() kills at once without a finalizer', () => {
    const { scheduler, w } = open({ finalizer: undefined });
    void scheduler.dispatcher.close('terminate');
    expect(w.log).toEqual(['kill']);
  });

  it('terminate() lets a finalizer that runs end', () => {
    const { scheduler, w } = open();
    void scheduler.dispatcher.close('leave');
    void scheduler.dispatcher.close('terminate');
    expect(w.log).toEqual(['finalize']);
    w.finalizes();
    expect(w.log).toEqual(['finalize', 'end']);
  });
});

describe('a worker with a finalizer, when the time of shutdown() is over', () => {
  it('a worker without a job is killed without its finalizer', () => {
    const { scheduler, w } = open();
    void scheduler.dispatcher.close('cutOff');
    pass(10_000);
    expect([w.log, scheduler.events]).toEqual([['kill'], []]);
  });

  it('a busy worker is killed at once', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a');
    w.claims(a);
    void scheduler.dispatcher.close('cutOff');
    expect(w.log).toEqual(['run a', 'kill']);
  });

  it.each(['leave', 'terminate'] as const)('a finalizer that runs after "%s" is cut off and reported', (how) => {
    const { scheduler, w } = open();
    void scheduler.dispatcher.close(how);
    void scheduler.dispatcher.close('cutOff');
    expect(w.log).toEqual(['finalize', 'kill']);
    expect(scheduler.events).toEqual([
      expect.stringMatching(
        /^finalizer failed: TimeoutError: Finalizer "close" had not ended in time, so worker "w-1"/,
      ),
    ]);
    w.finalizes();
    pass(10_000);
    expect(scheduler.events).toHaveLength(1);
  });
});

describe('a worker whose heap is full', () => {
  it('the worker finishes what it runs, and the jobs that it has not claimed return to the queue', () => {
    const { scheduler, w } = open({ concurrency: 2, maxWorkers: 1 });
    const [a] = scheduler.send('a b');
    w.claims(a!);
    w.fills();
    endTick();
    expect(scheduler.events).toEqual(['recycled w-1: max-memory', 'spawned w-2']);
    expect(w.log).toEqual(['run a b']);
  });

  it('a worker that is replaced already is not replaced again', () => {
    const { scheduler, w } = open({ concurrency: 2, maxTasksPerWorker: 2 });
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    w.claims(b);
    w.fulfils(a);
    w.fills();
    endTick();
    expect(scheduler.events.filter((event) => event.startsWith('recycled'))).toEqual(['recycled w-1: max-tasks']);
  });
});
