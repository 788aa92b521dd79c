/** The workforce: which workers end, when, and why. */
import { describe, expect, it } from 'vitest';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

describe('idleTimeout', () => {
  it('an idle worker ends after idleTimeout', () => {
    const scheduler = new Scheduler({ idleTimeout: 1_000 });
    const [w] = scheduler.start(1);
    pass(999);
    expect(w.log).toEqual([]);
    pass(1);
    expect([w.log, scheduler.receiving]).toEqual([['end'], '']);
    w.ends();
    expect(scheduler.events).toEqual(['ended w-1, code 0']);
  });

  it('minWorkers workers stay when idleTimeout has passed', () => {
    const scheduler = new Scheduler({ idleTimeout: 1_000, minWorkers: 1, maxWorkers: 3 });
    const workers = scheduler.start(3);
    pass(10_000);
    expect(workers.map(({ log }) => log)).toEqual([['end'], ['end'], []]); // biome-ignore format: workers
  });

  it('a worker that has a job does not end', () => {
    const scheduler = new Scheduler({ idleTimeout: 1_000 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    pass(10_000);
    w.fulfils(a);
    pass(999);
    expect([w.log, scheduler.receiving]).toEqual([['run a'], 'w-1']);
    pass(1);
    expect(w.log).toEqual(['run a', 'end']);
  });

  it('the time of a worker counts from its last report', () => {
    const scheduler = new Scheduler({ idleTimeout: 1_000 });
    const [w] = scheduler.start(1);
    pass(900);
    const [a] = scheduler.send('a');
    w.fulfils(a);
    pass(900);
    expect(w.log).toEqual(['run a']);
    pass(1_100);
    expect(w.log).toEqual(['run a', 'end']);
  });

  it('a job that arrives after the end of the last worker starts another one', () => {
    const scheduler = new Scheduler({ idleTimeout: 1_000 });
    const [w] = scheduler.start(1);
    pass(1_000);
    w.ends();
    scheduler.send('a');
    expect(scheduler.events).toEqual(['ended w-1, code 0', 'spawned w-2']);
  });

  it('a job that arrives while an idle worker ends does not go to that worker', () => {
    const scheduler = new Scheduler({ idleTimeout: 1_000 });
    const [w] = scheduler.start(1);
    pass(1_000);
    scheduler.send('a');
    expect([w.log, scheduler.events]).toEqual([['end'], ['spawned w-2']]);
  });
});

describe('maxTasksPerWorker', () => {
  it('a worker is replaced after that many jobs, and ends when they are reported', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 2 });
    const [w] = scheduler.start(1);
    const [a, b] = scheduler.send('a b c');
    w.fulfils(a);
    expect([w.log, scheduler.events]).toEqual([['run a', 'run b'], []]);
    w.fulfils(b);
    expect([w.log, scheduler.queue]).toEqual([['run a', 'run b', 'end'], 'c']);
    expect(scheduler.events).toEqual(['recycled w-1: max-tasks', 'spawned w-2']);
  });

  it('a worker with running jobs is replaced when its last job was sent and one was reported', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 2, concurrency: 2 });
    const [w] = scheduler.start(1);
    const [a, b] = scheduler.send('a b c');
    w.fulfils(a);
    expect([w.log, scheduler.events]).toEqual([['run a b'], ['recycled w-1: max-tasks', 'spawned w-2']]);
    w.fulfils(b);
    expect([w.log, b.history]).toEqual([['run a b', 'end'], ['fulfilled b']]);
  });

  it('a job tree counts once for maxTasksPerWorker', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 2, concurrency: 4 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.submit('a');
    const b = scheduler.make('b', { upstream: a });
    endTick();
    w.fulfils(a, b);
    expect(scheduler.events).toEqual([]);
  });
});

describe('concurrency', () => {
  it('a worker receives another job for each report', () => {
    const scheduler = new Scheduler({ concurrency: 2 });
    const [w] = scheduler.start(1);
    const [, b] = scheduler.send('a b c d');
    w.fulfils(b);
    expect([w.log, scheduler.queue]).toEqual([['run a b', 'run c'], 'd']);
  });

  it('a worker is started only for jobs beyond those that the others can start at once', () => {
    const scheduler = new Scheduler({ concurrency: 2, maxWorkers: 2 });
    scheduler.start(1);
    scheduler.send('a b');
    expect(scheduler.events).toEqual([]);
    scheduler.send('c');
    expect(scheduler.events).toEqual(['spawned w-2']);
  });
});

describe('close()', () => {
  it('workers without jobs end at once, and the others when their jobs are reported', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2);
    const [a] = scheduler.send('a');
    void scheduler.dispatcher.workforce.close('leave');
    expect([v.log, w.log]).toEqual([['run a'], ['end']]);
    v.fulfils(a);
    expect([v.log, a.history]).toEqual([['run a', 'end'], ['fulfilled a']]);
  });

  it('all workers are killed if the jobs need not finish', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2);
    scheduler.send('a');
    void scheduler.dispatcher.workforce.close('terminate');
    expect([v.log, w.log]).toEqual([['run a', 'kill'], ['kill']]);
  });

  it('the promise resolves when the last worker has ended', async () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2);
    const order: string[] = [];
    const closed = scheduler.dispatcher.workforce.close('leave').then(() => order.push('closed'));
    v.ends();
    await Promise.resolve();
    order.push('one is left');
    w.ends();
    await closed;
    expect(order).toEqual(['one is left', 'closed']);
  });

  it('the promise resolves at once if there is no worker', async () => {
    await new Scheduler().dispatcher.workforce.close('terminate');
  });

  it('a worker that becomes ready after the close receives no job', () => {
    const scheduler = new Scheduler();
    scheduler.send('a');
    void scheduler.dispatcher.workforce.close('leave');
    const [w] = scheduler.workers;
    w!.ready();
    expect([w!.log, scheduler.receiving, scheduler.queue]).toEqual([['end'], '', 'a']);
  });

  it('no worker replaces one that ends after the close', () => {
    const scheduler = new Scheduler({ minWorkers: 1 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a b');
    w.claims(a);
    void scheduler.dispatcher.workforce.close('leave');
    w.ends({ exitCode: 1 });
    endTick();
    pass(60_000);
    expect(scheduler.workers).toHaveLength(1);
  });
});

describe('the end of a worker', () => {
  it.each([
    ['expected', 'exit code 0', { exitCode: 0 }, 'ended w-1, code 0'],
    ['a loss', 'another exit code', { exitCode: 3 }, 'lost w-1, code 3'],
    ['a loss', 'an error', { exitCode: 0, error: new Error('out of memory') }, 'lost w-1, code 0'],
  ] as const)('an end is %s if the worker ends with %s', (_what, _how, ending, event) => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    w.ends(ending);
    expect(scheduler.events).toEqual([event]);
  });

  it('a worker that has ended is neither killed nor asked to end again', () => {
    const scheduler = new Scheduler({ terminateAfter: 100, idleTimeout: 50 });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    scheduler.cancel(a);
    w.ends({ exitCode: 1 });
    pass(1_000);
    void scheduler.dispatcher.workforce.close('terminate');
    expect(w.log).toEqual(['run a', 'abort a']);
  });
});

describe('utilization', () => {
  it('utilization is the fraction of the up time in which workers had a task, also of ended workers', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    pass(40);
    w.pace = 30;
    w.fulfils(a);
    expect(scheduler.dispatcher.workforce.utilization).toBe(0.75);
    pass(20);
    w.ends();
    expect(scheduler.dispatcher.workforce.utilization).toBe(0.5);
  });
});
