/** Cancellation of running tasks: an abort first, then termination of the worker. */
import { describe, expect, it } from 'vitest';
import { encodeError } from '../../../src/protocol/wire-error.js';
import { Scheduler, type SchedulerOptions } from '../../support/scheduler.js';
import { block, endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

/** A worker with concurrency 2 that runs a. */
function open(options: SchedulerOptions = {}) {
  const scheduler = new Scheduler({ concurrency: 2, terminateAfter: 100, ...options });
  const [w] = scheduler.start(1);
  const [a] = scheduler.send('a');
  w.claims(a);
  return { scheduler, w, a };
}

describe('a task that ignores its abort signal', () => {
  it('a worker whose cancelled task does not stop is killed terminateAfter ms after the cancel', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(99);
    expect(w.log).toEqual(['run a', 'abort a', 'ping']);
    pass(1);
    expect(w.log).toEqual(['run a', 'abort a', 'ping', 'kill']);
    expect(scheduler.events).toEqual(['recycled w-1: unresponsive']);
  });

  it('a worker with a cancelled task lives if the task stops in time', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(99);
    w.rejects(a, new Error('aborted'));
    pass(10_000);
    expect([w.log, scheduler.events]).toEqual([['run a', 'abort a', 'ping'], []]);
  });

  it.each([
    ['with shared memory', true],
    ['without shared memory', false],
  ])('a worker %s lives if the report of its cancelled task arrived while the main thread was busy', (_, canRevoke) => {
    const { scheduler, w, a } = open({ canRevoke });
    scheduler.cancel(a);
    pass(99);
    block(500);
    pass(1);
    w.rejects(a, new Error('aborted'));
    pass(10_000);
    expect([w.log.filter((entry) => entry !== 'ping'), scheduler.events]).toEqual([['run a', 'abort a'], []]);
  });

  it('a worker with a cancelled task is killed if the main thread was busy and no report has arrived', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(99);
    block(500);
    pass(2);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('a worker lives if the next job in the slot of its cancelled task runs when the time is over', () => {
    const { scheduler, w, a } = open({ concurrency: 1 });
    scheduler.cancel(a);
    pass(50);
    w.rejects(a, new Error('aborted'));
    const [b] = scheduler.send('b');
    w.claims(b);
    expect(b.slot).toBe(a.slot);
    pass(10_000);
    expect(w.log).toEqual(['run a', 'abort a', 'ping', 'run b']);
  });

  it('a worker with a cancelled task lives if terminateAfter is Infinity', () => {
    const { scheduler, w, a } = open({ terminateAfter: Number.POSITIVE_INFINITY });
    scheduler.cancel(a);
    pass(1_000_000);
    expect(w.log).toEqual(['run a', 'abort a', 'ping']);
  });

  it('jobs that the worker has not claimed are revoked and run on another worker', () => {
    const { scheduler, w, a } = open();
    const [b] = scheduler.send('b');
    scheduler.cancel(a);
    pass(25);
    expect([scheduler.queue, w.claims(b)]).toEqual(['b', false]);
    scheduler.workers[1]!.ready();
    expect(scheduler.workers[1]!.log).toEqual(['run b']);
  });

  it('jobs that the worker has not claimed are revoked although terminateAfter ends before the task lingers', () => {
    const scheduler = new Scheduler({ concurrency: 3, terminateAfter: 10 });
    const [w] = scheduler.start(1);
    const [a, other] = scheduler.send('a other b');
    w.claims(a);
    w.claims(other);
    expect([w.log, scheduler.queue]).toEqual([['run a other b'], '']);
    scheduler.cancel(a);
    pass(10);
    expect(scheduler.queue).toBe('b');
    w.fulfils(other);
    expect(w.log.at(-1)).toBe('kill');
  });

  it('a worker with a task that ignores its signal receives no new job', () => {
    const { scheduler, w, a } = open();
    const [b] = scheduler.send('b');
    w.claims(b);
    scheduler.cancel(a);
    pass(100);
    scheduler.send('c');
    w.fulfils(b);
    expect(w.log).toEqual(['run a', 'run b', 'abort a', 'ping', 'ping', 'kill']);
  });

  it('two tasks that ignore their signals recycle their worker once', () => {
    const { scheduler, w, a } = open();
    const [b] = scheduler.send('b');
    w.claims(b);
    scheduler.cancel(a);
    scheduler.cancel(b);
    pass(100);
    expect([w.log.at(-1), scheduler.events]).toEqual(['kill', ['recycled w-1: unresponsive']]);
  });

  it('a job that waits for its upstream on a worker without shared memory terminates no worker', () => {
    const scheduler = new Scheduler({ canRevoke: false, terminateAfter: 100 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.submit('a');
    const b = scheduler.make('b', { upstream: a });
    endTick();
    scheduler.cancel(b);
    pass(1_000);
    expect(w.log).toEqual(['run a(b)', 'abort b']);
  });

  it('the end of a worker in termination rejects nothing that was cancelled', () => {
    const { scheduler, w, a } = open();
    scheduler.cancel(a);
    pass(100);
    w.ends({ exitCode: 1 });
    expect([a.history, scheduler.events.at(-1)]).toEqual([[], 'lost w-1, code 1']);
  });
});

describe('a worker in termination that runs other tasks', () => {
  function terminating() {
    const opened = open();
    const [other] = opened.scheduler.send('other');
    opened.w.claims(other);
    opened.scheduler.cancel(opened.a);
    pass(100);
    return { ...opened, other };
  }

  it('a worker in termination is pinged once a second while it answers', () => {
    const { w } = terminating();
    expect(w.log.slice(3)).toEqual(['ping', 'ping']);
    pass(500);
    w.pongs();
    pass(500);
    expect(w.log.slice(3)).toEqual(['ping', 'ping', 'ping']);
    w.pongs();
    pass(1_000);
    expect(w.log.slice(3)).toEqual(['ping', 'ping', 'ping', 'ping']);
  });

  it('a worker in termination is killed if it does not answer within a second, and its tasks are lost', () => {
    const { w, other } = terminating();
    pass(999);
    expect(w.log.at(-1)).toBe('ping');
    pass(1);
    expect(w.log.at(-1)).toBe('kill');
    w.ends({ exitCode: 1 });
    expect(String(other.history)).toMatch(/^rejected WorkerDiedError/);
  });

  it('another task that ignores its signal later does not recycle its worker again', () => {
    const { scheduler, w, other } = terminating();
    scheduler.cancel(other);
    pass(10_000);
    expect(scheduler.events).toEqual(['recycled w-1: unresponsive']);
    expect(w.log.filter((entry) => entry === 'kill')).toHaveLength(1);
  });

  it('an answer of a worker to its first ping does not count for the second one', () => {
    const { w } = terminating();
    pass(500);
    w.pongs();
    pass(1_500);
    expect(w.log.slice(3)).toEqual(['ping', 'ping', 'ping', 'kill']);
  });

  it('an answer to a ping that arrived while the main thread was busy counts', () => {
    const { w, other } = terminating();
    pass(999);
    block(5_000);
    pass(1);
    w.pongs();
    pass(1);
    expect(w.log.at(-1)).toBe('ping');
    w.fulfils(other);
    expect([w.log.at(-1), other.history]).toEqual(['kill', ['fulfilled other']]);
  });

  it('a worker in termination is killed as soon as its other tasks have been reported', () => {
    const { w, other } = terminating();
    w.fulfils(other);
    expect([w.log.at(-1), other.history]).toEqual(['kill', ['fulfilled other']]);
  });

  it('a worker that ends by itself is not pinged any more', () => {
    const { w } = terminating();
    w.pongs();
    w.ends({ exitCode: 1 });
    pass(10_000);
    expect(w.log.filter((entry) => entry === 'ping')).toHaveLength(2);
  });
});

describe('an uncaught error on a worker', () => {
  it('an uncaught error revokes unclaimed jobs, and running tasks finish before their worker ends', () => {
    const { scheduler, w, a } = open();
    const [b] = scheduler.send('b');
    w.faultsTraced(new Error('lost'));
    expect([scheduler.queue, w.claims(b), w.log]).toEqual(['b', false, ['run a', 'run b']]);
    w.fulfils(a);
    expect([w.log.at(-1), a.history]).toEqual(['end', ['fulfilled a']]);
    expect(scheduler.events[0]).toBe('recycled w-1: uncaught-error');
  });

  it('a worker is killed after terminateAfter ms if an uncaught error on it belongs to no running task', () => {
    const { w } = open();
    w.faults(new Error('lost'));
    pass(99);
    expect(w.log).toEqual(['run a']);
    pass(1);
    expect(w.log).toEqual(['run a', 'kill']);
  });

  it('a worker whose tasks have ended has finalizeTimeout for its finalizer, even after terminateAfter', () => {
    const { w, a } = open({ finalizer: 'close', finalizeTimeout: 1_000 });
    w.fulfils(a);
    w.faults(new Error('lost'));
    pass(500);
    expect(w.log).toEqual(['run a', 'finalize']);
    w.finalizes();
    expect(w.log).toEqual(['run a', 'finalize', 'end']);
  });

  it('a report that arrived while the main thread was busy leaves the worker its finalizer', () => {
    const { w, a } = open({ finalizer: 'close', finalizeTimeout: 1_000 });
    w.faults(new Error('lost'));
    pass(99);
    block(5_000);
    pass(1);
    w.fulfils(a);
    pass(1);
    expect(w.log).toEqual(['run a', 'finalize']);
  });

  it('a worker that ends after an uncaught error before terminateAfter is over is not killed', () => {
    const { w } = open();
    w.faults(new Error('lost'));
    w.ends({ exitCode: 1 });
    pass(10_000);
    expect(w.log).toEqual(['run a']);
  });

  it('a worker is not killed if a running task was rejected with the uncaught error', () => {
    const { w } = open();
    w.faultsTraced(new Error('lost'));
    pass(10_000);
    expect(w.log).toEqual(['run a']);
  });

  it('an error that a finished task left behind is reported with the name of the task', () => {
    const { scheduler, w, a } = open();
    w.fulfils(a);
    w.faults(new Error('late'), a);
    expect(scheduler.events).toEqual(['recycled w-1: uncaught-error', 'faulted w-1: Error: late']);
  });

  it('an uncaught error of a running task is not reported a second time', () => {
    const { scheduler, w } = open();
    w.faultsTraced(new Error('lost'));
    expect(scheduler.events).toEqual(['recycled w-1: uncaught-error']);
  });

  it('an idle worker ends at once after an uncaught error', () => {
    const { w, a } = open();
    w.fulfils(a);
    w.faults(new Error('late'), a);
    expect(w.log).toEqual(['run a', 'end']);
  });

  it('a failed cleanup of a stream is reported, and the worker continues', () => {
    const { scheduler, w } = open();
    w.says({ type: 'cleanup-failed', error: encodeError(new Error('stuck')), id: 1, name: 'a' });
    expect([scheduler.events, scheduler.receiving]).toEqual([['cleanup failed a: Error: stuck'], 'w-1']);
  });
});
