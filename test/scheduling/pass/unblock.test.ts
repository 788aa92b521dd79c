/** The second step of a scheduling pass: jobs behind a long task return to the queue. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('the unblock step', () => {
  it('jobs behind a long task return to their place in the queue when a newer job is queued', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a b c');
    w.claims(a);
    pass(11);
    scheduler.send('d');
    expect([w.log, scheduler.queue]).toEqual([['run a b c'], 'b c d']);
  });

  it('a worker that has started nothing keeps its oldest job, so that the job does not wander for ever', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    scheduler.send('a b c');
    pass(11);
    scheduler.send('d');
    expect([w.log, scheduler.queue]).toEqual([['run a b c'], 'b c d']);
  });

  it('a job behind a long dependent returns to the queue', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.submit('a');
    const b = scheduler.make('b', { upstream: a });
    scheduler.send('c');
    w.claims(a);
    w.fulfils(a);
    w.claims(b);
    pass(11);
    scheduler.send('d');
    expect(scheduler.queue).toBe('c d');
  });

  it('a worker that is silent for 10 ms is not overdue yet', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a b c');
    w.claims(a);
    pass(10);
    scheduler.send('d');
    expect(w.log).toEqual(['run a b c', 'run d']);
  });

  it('values of a stream show that a worker is not overdue', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [stream] = scheduler.send('stream', { credit: 10 });
    scheduler.send('b');
    w.claims(stream);
    pass(8);
    w.emits(stream, 1);
    pass(8);
    scheduler.send('c');
    expect(w.log).toEqual(['run stream', 'run b', 'run c']);
  });

  it('a free worker receives the jobs behind the long task before newer jobs', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [long, , , d, e, f] = scheduler.send('long b c d e f');
    v.claims(long);
    pass(11);
    scheduler.submit('newer');
    w.fulfils(d, e, f);
    expect([v.log, w.log]).toEqual([['run long b c'], ['run d e f', 'run b c newer']]);
  });

  it('jobs of several overdue workers return in the order of their submits', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [a, , , d] = scheduler.send('a b c d e f');
    v.claims(a);
    w.claims(d);
    pass(11);
    scheduler.send('g');
    expect(scheduler.queue).toBe('b c e f g');
  });

  it('a job that the overdue worker claims first stays there', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b c');
    w.claims(a);
    pass(11);
    w.claims(b);
    scheduler.send('d');
    expect(scheduler.queue).toBe('c d');
  });

  it('an overdue worker receives only what it can start at once, until it reports', () => {
    const scheduler = new Scheduler({ concurrency: 2 });
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a');
    w.claims(a);
    pass(11);
    const [b] = scheduler.send('b c d');
    expect([w.log, scheduler.queue]).toEqual([['run a', 'run b'], 'c d']);
    w.fulfils(b);
    expect(w.log).toEqual(['run a', 'run b', 'run c d']);
  });
});

describe('tasks whose concurrency slots are on blocked threads', () => {
  it('the tasks of several blocked workers return in the order of their submits', () => {
    const scheduler = new Scheduler({ maxWorkers: 2, concurrency: 3 });
    const [v, w] = scheduler.start(2);
    const [a, b] = scheduler.send('a b');
    v.claims(a);
    w.claims(b);
    scheduler.send('c d');
    scheduler.send('e f');
    pass(11);
    expect([v.log, w.log]).toEqual([
      ['run a', 'run c', 'run e', 'ping'],
      ['run b', 'run d', 'run f', 'ping'],
    ]);
    expect(scheduler.queue).toBe('c d e f');
  });
});
