/** Job trees: dependents travel with their root, and share its fate until they have started. */
import { describe, expect, it } from 'vitest';
import { REPORT_FULFILLED, REPORT_REJECTED, REPORT_SKIPPED } from '../../../src/protocol/messages.js';
import { encodeError } from '../../../src/protocol/wire-error.js';
import type { FakeJob } from '../../support/fake-job.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

/** Submits a with its dependents b and d. The job c depends on b. */
function submitTree(scheduler: Scheduler): Record<'a' | 'b' | 'c' | 'd', FakeJob> {
  const [a] = scheduler.submit('a');
  const b = scheduler.make('b', { upstream: a });
  const c = scheduler.make('c', { upstream: b });
  const d = scheduler.make('d', { upstream: a });
  return { a, b, c, d };
}

function open() {
  const scheduler = new Scheduler();
  const [w] = scheduler.start(1, 1);
  return { scheduler, w };
}

describe('a job tree', () => {
  it('a job is sent together with its dependents', () => {
    const { scheduler, w } = open();
    const tree = submitTree(scheduler);
    scheduler.send('e');
    expect(w.log).toEqual(['run a(b(c) d) e']);
    expect(Object.values(tree).map(({ stateName }) => stateName)).toEqual(['sent', 'sent', 'sent', 'sent']);
  });

  it('the arguments of each root job reach that job', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.submit('a', { args: [1, 2] });
    scheduler.make('b', { upstream: a });
    const [c] = scheduler.submit('c', { args: [] });
    const [d] = scheduler.send('d', { args: [3] });
    expect([a, c, d].map((job) => w.argsOf(job))).toEqual([[1, 2], [], [3]]); // biome-ignore format: arguments
  });

  it('a dependent that was cancelled before is not sent', () => {
    const { scheduler, w } = open();
    const { b } = submitTree(scheduler);
    scheduler.cancel(b);
    endTick();
    expect(w.log).toEqual(['run a(d)']);
  });

  it('a tree counts as its number of jobs, and the last tree may exceed the room', () => {
    const { scheduler, w } = open();
    submitTree(scheduler);
    submitTree(scheduler);
    scheduler.send('e');
    expect([w.log, scheduler.queue]).toEqual([['run a(b(c) d) a(b(c) d)'], 'e']);
  });

  it('a function is sent once to each worker', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    for (let i = 0; i < 6; i++) scheduler.submit('a');
    scheduler.send('b b');
    scheduler.send('a b');
    expect([v.defined, w.defined]).toEqual([['warm', 'a'], ['warm', 'a', 'b']]); // biome-ignore format: pairs
  });

  it('functions that alternate are sent once', () => {
    const { scheduler, w } = open();
    scheduler.send('a b a');
    scheduler.send('b a');
    expect([w.log, w.defined]).toEqual([['run a b a', 'run b a'], ['warm', 'a', 'b']]); // biome-ignore format: pairs
  });

  it('functions of a batch that can’t be posted are sent again', () => {
    const { scheduler, w } = open();
    scheduler.send('a', { args: [() => {}] });
    scheduler.send('a');
    expect([w.log, w.defined]).toEqual([['run a'], ['warm', 'a']]);
  });

  it('a backend that asks for options receives those of each job in a tree', () => {
    const scheduler = new Scheduler({ traits: { sendsJobOptions: true } });
    const [w] = scheduler.start(1, 1);
    w.options.length = 0;
    submitTree(scheduler);
    scheduler.send('e', { priority: 3 });
    expect(w.options.map(({ name, priority }) => [name, priority])).toEqual(
      [['e', 3], ['a', 0], ['b', 0], ['c', 0], ['d', 0]], // biome-ignore format: pairs
    );
  });

  it('a worker receives no options unless its backend asks for them', () => {
    const { scheduler, w } = open();
    scheduler.send('a');
    expect(w.options).toEqual([]);
  });

  it('a long queue of trees leaves cells for one more tree of the largest size', () => {
    const scheduler = new Scheduler({ concurrency: 10_000 });
    const [w] = scheduler.start(1);
    for (let i = 0; i < 7_935; i++) scheduler.submitOne('x');
    let last = scheduler.submitOne('root');
    const root = last;
    for (let i = 1; i < 256; i++) last = scheduler.make('x', { upstream: last });
    endTick();
    expect([root.stateName, last.stateName, w.slotOf(last)]).toEqual(['sent', 'sent', 8_190]);
  });
});

describe('a job tree that leaves its worker', () => {
  it('a revoked root takes its dependents along, and all of them run on the next worker', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [x] = scheduler.send('x');
    v.claims(x);
    pass(11);
    w.says({ type: 'pong' });
    const { a, b, c, d } = submitTree(scheduler);
    endTick();
    expect(w.log).toEqual(['run a(b(c) d)']);
    w.ends({ exitCode: 1 });
    v.fulfils(x);
    expect(v.log.at(-1)).toBe('run a(b(c) d)');
    v.fulfils(a, b, c, d);
    expect([a, b, c, d].map(({ history }) => history.at(-1))).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `fulfilled ${name}`),
    );
  });

  it('a stolen tree moves as a whole, and its slots are free when the first worker has skipped it', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [x, y, z] = scheduler.submit('x y z');
    const { a, b, c, d } = submitTree(scheduler);
    endTick();
    expect([v.log, w.log]).toEqual([['run x y'], ['run z a(b(c) d)']]);
    w.claims(z);
    v.fulfils(x, y);
    expect([v.log.at(-1), scheduler.dispatcher.unreported]).toEqual(['run a(b(c) d)', 5]);
    w.skips(a, b, c, d);
    v.fulfils(a, b, c, d);
    expect([d.history, scheduler.dispatcher.unreported]).toEqual([['fulfilled d'], 1]);
  });

  it('a cancelled root releases its dependents, and their skips settle nothing', () => {
    const { scheduler, w } = open();
    const { a, b, c, d } = submitTree(scheduler);
    endTick();
    scheduler.cancel(a);
    expect([scheduler.dispatcher.unreported, w.log]).toEqual([0, ['run a(b(c) d)']]);
    w.skips(a, b, c, d);
    expect([a, b, c, d].map(({ history, stateName }) => [...history, stateName])).toEqual([
      ['gone'],
      ['gone'],
      ['gone'],
      ['gone'],
    ]);
  });

  it('a cancelled dependent does not stop its upstream', () => {
    const { scheduler, w } = open();
    const { a, b, c, d } = submitTree(scheduler);
    endTick();
    w.claims(a);
    scheduler.cancel(b);
    w.reports(
      [a, REPORT_FULFILLED, 1],
      [b, REPORT_SKIPPED, undefined],
      [c, REPORT_SKIPPED, undefined],
      [d, REPORT_FULFILLED, 4],
    );
    expect([a, b, c, d].map(({ history }) => history)).toEqual([['fulfilled 1'], [], [], ['fulfilled 4']]);
  });

  it('dependents of a failed job are skipped, and the scheduler does not settle them', () => {
    const { scheduler, w } = open();
    const { a, b, c, d } = submitTree(scheduler);
    endTick();
    const skipped = [b, c, d].map((job) => [job, REPORT_SKIPPED, undefined] as const);
    w.reports([a, REPORT_REJECTED, encodeError(new Error('lost'))], ...skipped);
    expect([a.history, b.history, c.history, d.history]).toEqual([['rejected Error: lost'], [], [], []]);
    expect([b.stateName, scheduler.dispatcher.unreported]).toEqual(['gone', 0]);
  });
});

describe('a worker ends with a job tree', () => {
  it('a tree whose root was not claimed is sent again as a whole', () => {
    const { scheduler, w } = open();
    const { a, b, c, d } = submitTree(scheduler);
    endTick();
    w.ends({ exitCode: 1 });
    endTick();
    scheduler.workers[1]!.ready();
    expect(scheduler.workers[1]!.log).toEqual(['run a(b(c) d)']);
    scheduler.workers[1]!.fulfils(a, b, c, d);
    expect(c.history.at(-1)).toBe('fulfilled c');
  });

  it('unclaimed dependents of a reported job are asked to enqueue themselves with its value', () => {
    const { scheduler, w } = open();
    const { a, b, c, d } = submitTree(scheduler);
    endTick();
    w.fulfils(a);
    w.ends({ exitCode: 1 });
    expect([a, b, c, d].map(({ history }) => history)).toEqual([
      ['fulfilled a'],
      ['requeue'],
      ['requeue'],
      ['requeue'],
    ]);
    expect([b.stateName, scheduler.queue]).toEqual(['waiting', '']);
  });

  it('an unclaimed dependent of a part of a broadcast is not left out, because its part had started', () => {
    const { scheduler, w } = open();
    const pin = scheduler.dispatcher.workforce.receiving[0]!;
    const a = scheduler.submitOne('a', { pin });
    const b = scheduler.make('b', { pin, upstream: a });
    endTick();
    w.fulfils(a);
    w.ends({ exitCode: 1 });
    endTick();
    expect([a.history, b.history]).toEqual([['fulfilled a'], ['requeue']]);
  });

  it('unclaimed dependents of a lost job are not rejected by the scheduler', () => {
    const { scheduler, w } = open();
    const { a, b } = submitTree(scheduler);
    endTick();
    w.claims(a);
    w.ends({ exitCode: 1 });
    expect([a.history.length, b.history, b.stateName]).toEqual([1, ['requeue'], 'waiting']);
  });

  it('a dependent that the worker had claimed is rejected', () => {
    const { scheduler, w } = open();
    const { a, b, c } = submitTree(scheduler);
    endTick();
    w.fulfils(a);
    w.claims(b);
    w.ends({ exitCode: 1 });
    expect([String(b.history), c.history]).toEqual([expect.stringMatching(/^rejected WorkerDiedError/), ['requeue']]);
  });

  it('a dependent on a worker without shared memory counts as started when its upstream has settled', () => {
    const scheduler = new Scheduler({ canRevoke: false });
    const [w] = scheduler.start(1);
    const { a, b, c } = submitTree(scheduler);
    endTick();
    w.fulfils(a);
    b.worker!.upstreamSettled(b);
    w.ends({ exitCode: 1 });
    expect([String(b.history), c.history]).toEqual([expect.stringMatching(/^rejected WorkerDiedError/), ['requeue']]);
  });
});
