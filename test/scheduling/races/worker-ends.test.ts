/** Race 3 of docs/internals/ledger.md: a worker ends, and its jobs are in any state. */
import { describe, expect, it } from 'vitest';
import { WorkerDiedError } from '../../../src/errors.js';
import { REPORT_FULFILLED } from '../../../src/protocol/messages.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

function open(count: 1 | 2 = 1) {
  const scheduler = new Scheduler({ maxWorkers: count });
  const [w] = scheduler.start(count, 1);
  return { scheduler, w };
}

describe('a worker ends', () => {
  it('a job that the worker had not claimed runs on the next worker', () => {
    const { scheduler, w } = open();
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    w.ends({ exitCode: 1 });
    endTick();
    const next = scheduler.workers[1]!;
    next.ready();
    next.fulfils(b);
    expect([next.log, b.history]).toEqual([['run b'], ['fulfilled b']]);
  });

  it('a job that the worker had claimed is rejected and does not run again', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a');
    w.claims(a);
    w.ends({ exitCode: 7 });
    endTick();
    expect(a.reason).toBeInstanceOf(WorkerDiedError);
    expect(a.reason).toMatchObject({ workerName: 'w-1', exitCode: 7 });
    expect([a.stateName, scheduler.queue]).toEqual(['gone', '']);
  });

  it('a job that was done but not reported is rejected, because a second run could do harm', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a');
    w.claims(a);
    w.ledger.finish(w.slotOf(a));
    w.ends({ exitCode: 1 });
    expect([a.reason, scheduler.queue]).toEqual([expect.any(WorkerDiedError), '']);
  });

  it('unclaimed jobs return to their old position in the queue', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a b c d e f g h');
    w.claims(a);
    w.ends({ exitCode: 1 });
    expect(scheduler.queue).toBe('b c d e f g h');
  });

  it('unclaimed jobs return in the order of their posts, although they use older slots in another order', () => {
    const { scheduler, w } = open();
    w.fulfils(...scheduler.send('x y z'));
    const [c, d, e] = scheduler.send('c d e');
    expect([c.slot > d.slot, d.slot > e.slot]).toEqual([true, true]);
    w.ends({ exitCode: 1 });
    expect(scheduler.queue).toBe('c d e');
  });

  it('a cancelled job is neither rejected nor enqueued again', () => {
    const { scheduler, w } = open();
    const [a, b] = scheduler.send('a b');
    w.claims(a);
    for (const job of [a, b]) scheduler.cancel(job);
    w.ends({ exitCode: 1 });
    expect([a.history, b.history, scheduler.queue, scheduler.dispatcher.unreported]).toEqual([[], [], '', 0]);
  });

  it('a job that was revoked before continues on its second worker', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [a, b, c, ...rest] = scheduler.send('a b c d e f');
    v.claims(a);
    w.fulfils(...rest);
    w.claims(c);
    v.ends({ exitCode: 1 });
    expect([c.history, c.stateName, scheduler.queue]).toEqual([[], 'sent', b.name]);
    w.fulfils(c);
    expect(c.history).toEqual(['fulfilled c']);
  });

  it('a job whose second worker ends returns to the first one, which still had the revoked post', () => {
    const scheduler = new Scheduler({ maxWorkers: 2 });
    const [v, w] = scheduler.start(2, 1);
    const [a, , c, ...rest] = scheduler.send('a b c d e f');
    v.claims(a);
    w.fulfils(...rest);
    w.ends({ exitCode: 1 });
    expect(scheduler.queue).toBe('c');
    v.skips(c);
    expect([c.history, v.log.at(-1)]).toEqual([[], 'run c']);
    v.fulfils(c);
    expect(c.history).toEqual(['fulfilled c']);
  });

  it('a report that comes after the end settles nothing a second time', () => {
    const { scheduler, w } = open();
    const [a, b] = scheduler.send('a b');
    const slots = [a, b].map((job) => w.slotOf(job));
    w.claims(a);
    w.ends({ exitCode: 1 });
    w.says({ type: 'reports', cells: slots.flatMap((slot) => [slot, REPORT_FULFILLED]), values: [1, 2], busy: 2 });
    expect([a.history.length, b.history, scheduler.queue]).toEqual([1, [], 'b']);
  });

  it('a listener of the end finds the unclaimed jobs in the queue, and no job rejected yet', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a b c');
    w.claims(a);
    let seen = {};
    scheduler.onEvent = (event) => {
      if (event.startsWith('lost')) seen = { queue: scheduler.queue, history: [...a.history] };
    };
    w.ends({ exitCode: 1 });
    expect(seen).toEqual({ queue: 'b c', history: [] });
  });

  it('a listener of the end that cancels an unclaimed job prevents its second run', () => {
    const { scheduler, w } = open();
    const [a, b] = scheduler.send('a b c');
    w.claims(a);
    scheduler.onEvent = (event) => {
      if (event.startsWith('lost')) scheduler.cancel(b);
    };
    w.ends({ exitCode: 1 });
    endTick();
    scheduler.workers[1]!.ready();
    expect(scheduler.workers[1]!.log).toEqual(['run c']);
  });

  it('the uncaught error of a worker is the cause for the jobs that are lost with it', () => {
    const { scheduler, w } = open();
    const [a] = scheduler.send('a');
    w.claims(a);
    w.faults(new Error('unplugged'));
    w.ends({ exitCode: 1 });
    expect(a.reason).toMatchObject({ code: 'ERR_WORKER_DIED', cause: { message: 'unplugged' } });
  });

  it('a job on a worker without shared memory counts as claimed', () => {
    const scheduler = new Scheduler({ canRevoke: false });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.ends({ exitCode: undefined, signal: 'SIGKILL' });
    const error = /^WorkerDiedError: Worker "w-1" was killed by SIGKILL while running task "a" \(#\d+\)\. A task/;
    expect([String(a.reason), scheduler.queue]).toEqual([expect.stringMatching(error), '']);
  });
});
