/** Jobs with transferred arguments: they move with the post, so they can't be revoked. */
import { describe, expect, it } from 'vitest';
import { SerializationError, WorkerDiedError } from '../../../src/errors.js';
import type { FakeJobInit } from '../../support/fake-job.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

/** Arguments of a job that moves a buffer. */
function moving(): FakeJobInit & { readonly buffer: ArrayBuffer } {
  const buffer = new ArrayBuffer(8);
  return { buffer, args: [buffer], transfer: [buffer] };
}

describe('a job with transferred arguments', () => {
  it('the arguments move to the worker when the job is posted', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const init = moving();
    const [t] = scheduler.send('t', init);
    expect([init.buffer.byteLength, w.argsOf(t)]).toEqual([0, [new ArrayBuffer(8)]]);
  });

  it('the job is sent only to a worker that can start it at once, and newer jobs wait behind it', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a');
    scheduler.submit('t', moving());
    scheduler.send('b');
    expect([w.log, scheduler.queue]).toEqual([['run a'], 't b']);
    w.fulfils(a);
    expect(w.log).toEqual(['run a', 'run t b']);
  });

  it('the job goes to an idle worker while another one is busy', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    scheduler.send('a');
    scheduler.send('t', moving());
    expect([v.log, w.log]).toEqual([['run a'], ['run t']]);
  });

  it('a batch contains as many such jobs as the worker can start at once', () => {
    const scheduler = new Scheduler({ concurrency: 2 });
    const [w] = scheduler.start(1, 1);
    for (const name of ['s', 't', 'u']) scheduler.submit(name, moving());
    endTick();
    expect([w.log, scheduler.queue]).toEqual([['run s t'], 'u']);
  });

  it('the job stays on an overdue worker, whose other jobs return to the queue', () => {
    const scheduler = new Scheduler({ concurrency: 2 });
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.submit('a');
    scheduler.submit('t', moving());
    scheduler.send('b c');
    expect(w.log).toEqual(['run a t b c']);
    w.claims(a);
    pass(11);
    const [d] = scheduler.send('d');
    expect([scheduler.queue, d.stateName]).toEqual(['b c d', 'queued']);
  });

  it('an urgent job does not revoke the job', () => {
    const scheduler = new Scheduler({ concurrency: 2 });
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.submit('a');
    const [t] = scheduler.submit('t', moving());
    scheduler.send('b');
    w.claims(a);
    scheduler.send('urgent', { priority: 1 });
    expect([w.log, t.stateName, w.claims(t)]).toEqual([['run a t b', 'run urgent b'], 'sent', true]);
  });

  it('a worker that ends before it starts the job rejects the job, because its arguments are lost', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [t] = scheduler.send('t', moving());
    w.ends({ exitCode: 1 });
    expect([t.reason, scheduler.queue]).toEqual([expect.any(WorkerDiedError), '']);
  });

  it('a cancel revokes the job if no worker has claimed it', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [t] = scheduler.send('t', moving());
    scheduler.cancel(t);
    expect([w.claims(t), w.log]).toEqual([false, ['run t']]);
  });
});

describe('a job that can’t be posted', () => {
  it('the job is rejected, and the other jobs of its batch are posted one by one', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.submit('a');
    const [bad] = scheduler.submit('bad', { args: [() => {}] });
    const [c] = scheduler.submit('c');
    endTick();
    expect([w.log, a.stateName, c.stateName]).toEqual([['run a', 'run c'], 'sent', 'sent']);
    expect(bad.reason).toBeInstanceOf(SerializationError);
  });

  it('a rejection comes after the posts, so that its callback can cancel a job of the batch', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [bad] = scheduler.submit('bad', { args: [() => {}] });
    const [next] = scheduler.submit('next');
    bad.during('rejected', () => scheduler.cancel(next));
    endTick();
    expect([w.log, w.claims(next)]).toEqual([['run next'], false]);
  });

  it('the room of an unposted job is used by the next job, although no report comes', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    scheduler.submit('bad', { args: [() => {}] });
    scheduler.send('next');
    expect([w.log, scheduler.queue]).toEqual([['run next'], '']);
  });

  it('the unposted job does not count for maxTasksPerWorker', () => {
    const scheduler = new Scheduler({ maxTasksPerWorker: 1 });
    const [w] = scheduler.start(1);
    scheduler.send('bad', { args: [() => {}] });
    scheduler.send('next');
    expect([w.log, scheduler.events]).toEqual([['run next'], []]);
  });

  it('a tree whose arguments can’t be posted frees the slots of its dependents', () => {
    const scheduler = new Scheduler();
    scheduler.start(1, 1);
    const [bad] = scheduler.submit('bad', { args: [() => {}] });
    const below = scheduler.make('below', { upstream: bad });
    endTick();
    expect([bad.history.length, below.stateName, scheduler.dispatcher.unreported]).toEqual([1, 'waiting', 0]);
  });
});
