/** The dispatcher: when a scheduling pass takes place, and how reports reach their jobs. */
import { describe, expect, it, vi } from 'vitest';
import { now } from '../../src/platform/time.js';
import { LazyValue } from '../../src/protocol/lazy-value.js';
import {
  REPORT_CANCELLED,
  REPORT_FULFILLED,
  REPORT_FULFILLED_ENCODED,
  REPORT_REJECTED,
  REPORT_SKIPPED,
  REPORT_UNCLONABLE,
} from '../../src/protocol/messages.js';
import { toBytes } from '../../src/protocol/serialize.js';
import { encodeError } from '../../src/protocol/wire-error.js';
import { Scheduler } from '../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../support/virtual-ticks.js';

withVirtualTicks();

describe('a tick', () => {
  it('jobs of one tick are sent in one message when the tick ends', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    scheduler.submit('a');
    scheduler.submit('b c');
    expect(w.log).toEqual([]);
    endTick();
    scheduler.send('d');
    expect(w.log).toEqual(['run a b c', 'run d']);
  });

  it('a job that is cancelled in the tick of its submit is not sent', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [, b] = scheduler.submit('a b c');
    scheduler.cancel(b);
    endTick();
    expect([w.log, b.stateName]).toEqual([['run a c'], 'gone']);
  });

  it('a job advances from waiting to queued, sent and gone', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const job = scheduler.make('a');
    const states = [job.stateName];
    scheduler.dispatcher.enqueue(job);
    states.push(job.stateName);
    endTick();
    states.push(job.stateName);
    w.fulfils(job);
    expect([...states, job.stateName]).toEqual(['waiting', 'queued', 'sent', 'gone']);
  });
});

describe('a report', () => {
  it('the worker receives its next job before the callbacks of the report run', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a b');
    let atCallback: readonly string[] = [];
    a.during('fulfilled', () => {
      atCallback = [...w.log];
    });
    w.fulfils(a);
    expect(atCallback).toEqual(['run a', 'run b']);
  });

  it('all jobs of a report have left the scheduler before the first callback runs', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b');
    let atCallback = {};
    a.during('fulfilled', () => {
      atCallback = { b: b.stateName, unreported: scheduler.dispatcher.unreported };
    });
    w.fulfils(a, b);
    expect(atCallback).toEqual({ b: 'gone', unreported: 0 });
  });

  it('each kind of report calls its method of the job', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b, c, d, e] = scheduler.send('a b c d e');
    const error = encodeError(new RangeError('too far'));
    w.reports(
      [a, REPORT_FULFILLED, 1],
      [b, REPORT_REJECTED, error],
      [c, REPORT_UNCLONABLE, error],
      [d, REPORT_CANCELLED, error],
      [e, REPORT_SKIPPED, undefined],
    );
    expect([a, b, c, d, e].map(({ history }) => history)).toEqual([
      ['fulfilled 1'],
      ['rejected RangeError: too far'],
      ['unclonable RangeError: too far'],
      ['cancelled RangeError: too far'],
      [],
    ]);
  });

  it('a value that arrives as bytes is decoded when it is read', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    const fulfilled = vi.spyOn(a, 'fulfilled');
    w.reports([a, REPORT_FULFILLED_ENCODED, toBytes({ x: 1 })]);
    const [value] = fulfilled.mock.calls[0]!;
    expect(value).toBeInstanceOf(LazyValue);
    expect((value as LazyValue).decode()).toEqual({ x: 1 });
  });

  it('errors of known classes are decoded as such', () => {
    class OutOfPaper extends Error {
      override name = 'OutOfPaper';
    }
    const scheduler = new Scheduler({ errorClasses: { OutOfPaper } });
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.rejects(a, new OutOfPaper('tray 2'));
    expect(a.reason).toBeInstanceOf(OutOfPaper);
  });

  it('a job receives the times of its run, also after its cell was used again', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a, b] = scheduler.send('a b');
    pass(5);
    w.claims(a);
    pass(20);
    w.fulfils(a);
    expect(w.slotOf(b)).toBe(a.slot);
    expect(a.times!.endedAt - a.times!.startedAt).toBe(20);
  });

  it('a job with a time limit learns when it is sent', () => {
    const scheduler = new Scheduler();
    scheduler.start(1);
    const [timed] = scheduler.submit('timed', { isTimed: true });
    const [other] = scheduler.submit('other');
    endTick();
    expect([timed.history, other.history]).toEqual([['sent'], []]);
  });

  it('a job keeps the name and thread of its worker through an object that outlives the worker', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    const { identity } = a.worker!;
    w.fulfils(a);
    w.ends();
    expect([identity.name, identity.threadId, identity.identity === identity]).toEqual(['w-1', 1, true]);
    expect([identity.hasClaimed(a), identity.startedAt(a.slot)]).toEqual([false, Number.NaN]);
  });

  it('the start of a running job can be read while its worker runs it', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    const before = now();
    pass(5);
    w.claims(a);
    pass(20);
    expect(a.worker!.startedAt(a.slot) - before).toBe(5);
  });

  it('progress reaches a job until the job is cancelled', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    w.says({ type: 'progress', slot: w.slotOf(a), value: 1 });
    scheduler.cancel(a);
    w.says({ type: 'progress', slot: w.slotOf(a), value: 2 });
    expect(a.history).toEqual(['progressed 1']);
  });

  it('a port in the value of a cancelled job is closed', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1);
    const [a] = scheduler.send('a');
    w.claims(a);
    scheduler.cancel(a);
    const { port1, port2 } = new MessageChannel();
    const close = vi.spyOn(port1, 'close');
    w.reports([a, REPORT_FULFILLED, port1]);
    port2.close();
    expect([close.mock.calls.length, a.history]).toEqual([1, []]);
  });
});

describe('the number of unreported jobs', () => {
  it('unreported counts queued jobs and jobs in flight, without revoked ones', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a, b] = scheduler.send('a b c d e f g h');
    w.claims(a);
    const counts = [[scheduler.dispatcher.queued, scheduler.dispatcher.unreported]];
    scheduler.cancel(b);
    endTick();
    counts.push([scheduler.dispatcher.queued, scheduler.dispatcher.unreported]);
    scheduler.cancel(a);
    counts.push([scheduler.dispatcher.queued, scheduler.dispatcher.unreported]);
    expect(counts).toEqual([[2, 8], [1, 7], [1, 7]]); // biome-ignore format: pairs
  });
});
