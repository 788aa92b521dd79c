/** Race 4 of docs/internals/batching.md: a stream and its reader, as the scheduler sees them. */
import { describe, expect, it, vi } from 'vitest';
import type { Ledger } from '../../../src/protocol/ledger.js';
import { encodeError } from '../../../src/protocol/wire-error.js';
import { Scheduler } from '../../support/scheduler.js';
import { endTick, pass, withVirtualTicks } from '../../support/virtual-ticks.js';

withVirtualTicks();

/** A worker with concurrency 1 that runs a stream with a credit of 2 values. */
function open(options = {}) {
  const scheduler = new Scheduler(options);
  const [w] = scheduler.start(1);
  const [stream] = scheduler.send('stream', { credit: 2 });
  w.claims(stream);
  return { scheduler, w, stream };
}

describe('a stream', () => {
  it('values reach the job in order', () => {
    const { w, stream } = open();
    w.emits(stream, 1);
    w.emits(stream, 2);
    expect(stream.history).toEqual(['streamed 1', 'streamed 2']);
  });

  it('a stream that fails rejects its job at once, and the worker ends after the cleanup is reported', () => {
    const { scheduler, w, stream } = open({ terminateAfter: 100 });
    w.says({ type: 'stream-failed', slot: w.slotOf(stream), error: encodeError(new Error('in a timer')) });
    w.faultsTraced(new Error('in a timer'));
    expect(stream.history).toEqual(['rejected Error: in a timer']);
    pass(99);
    expect(w.log).toEqual(['run stream', 'abort stream', 'ping']);
    w.fulfils(stream);
    expect([w.log.at(-1), scheduler.events]).toEqual(['end', ['recycled w-1: uncaught-error']]);
  });

  it('a cleanup that does not end terminates the worker after terminateAfter', () => {
    const { w, stream } = open({ terminateAfter: 100 });
    w.says({ type: 'stream-failed', slot: w.slotOf(stream), error: encodeError(new Error('in a timer')) });
    pass(100);
    expect(w.log).toEqual(['run stream', 'abort stream', 'ping', 'kill']);
  });

  it('a stream that fails after its reader has left changes nothing', () => {
    const { scheduler, w, stream } = open();
    const slot = w.slotOf(stream);
    scheduler.cancel(stream);
    w.says({ type: 'stream-failed', slot, error: encodeError(new Error('in a timer')) });
    expect([stream.history, w.log]).toEqual([[], ['run stream', 'abort stream']]);
  });

  it('a stream that has used up its credit makes room for another job', () => {
    const { scheduler, w, stream } = open();
    scheduler.send('b');
    w.emits(stream, 1);
    endTick();
    expect([scheduler.queue, scheduler.dispatcher.unreported]).toEqual(['b', 2]);
    w.emits(stream, 2);
    endTick();
    expect([w.log, scheduler.dispatcher.unreported]).toEqual([['run stream', 'run b'], 1]);
  });

  it('a stream that waits because of bytes makes room, unless credit is on the way to it', () => {
    const { scheduler, w, stream } = open();
    scheduler.send('b c');
    stream.worker!.grant(stream, 3);
    w.emitsAndWaits(stream, 1, 1);
    endTick();
    expect(scheduler.queue).toBe('b c');
    w.emitsAndWaits(stream, 4);
    endTick();
    expect([w.log.at(-1), scheduler.queue]).toEqual(['run b', 'c']);
  });

  it('a stream counts as load again as soon as credit is sent', () => {
    const { scheduler, w, stream } = open();
    w.emits(stream, 1, 2);
    const [b] = scheduler.send('b c');
    stream.worker!.grant(stream, 1);
    expect([w.log, scheduler.dispatcher.unreported]).toEqual([['run stream', 'run b'], 3]);
    w.fulfils(b);
    expect(scheduler.queue).toBe('c');
    w.emits(stream, 3);
    endTick();
    expect(w.log.at(-1)).toBe('run c');
  });

  it('credit is a message only if the stream waits for one', () => {
    const { w, stream } = open();
    const ledger = w.ledger as Ledger;
    const slot = w.slotOf(stream);
    stream.worker!.grant(stream, 1);
    expect([w.log.at(-1), ledger.takeCredit(slot)]).toEqual(['run stream', 1]);
    ledger.awaitCredit(slot);
    for (const count of [2, 3]) stream.worker!.grant(stream, count);
    expect([w.log.slice(1), ledger.takeCredit(slot)]).toEqual([['credit stream 2'], 3]);
  });

  it('a stream has no credit of a stream before it in its slot', () => {
    const { scheduler, w, stream } = open();
    const slot = w.slotOf(stream);
    stream.worker!.grant(stream, 1);
    w.fulfils(stream);
    const [next] = scheduler.send('next', { credit: 2 });
    expect(w.slotOf(next)).toBe(slot);
    expect((w.ledger as Ledger).takeCredit(slot)).toBe(0);
  });

  it('a stream that ends while it is paused is subtracted once', () => {
    const { scheduler, w, stream } = open();
    w.emits(stream, 1, 2);
    w.fulfils(stream);
    const [b] = scheduler.send('b c');
    expect([scheduler.queue, scheduler.dispatcher.unreported]).toEqual(['c', 2]);
    w.fulfils(b);
    expect(scheduler.dispatcher.unreported).toBe(1);
  });

  it('a stream that ends with credit left is not counted as paused', () => {
    const { scheduler, w, stream } = open();
    w.emits(stream, 1);
    w.fulfils(stream);
    scheduler.send('b c');
    expect([scheduler.queue, scheduler.dispatcher.unreported]).toEqual(['c', 2]);
  });

  it('the next job in the slot of a stream has no credit', () => {
    const { scheduler, w, stream } = open();
    w.fulfils(stream);
    const [b] = scheduler.send('b c');
    expect(b.slot).toBe(stream.slot);
    w.emits(b, 1, 2);
    endTick();
    expect(scheduler.queue).toBe('c');
  });

  it('values of a cancelled stream are dropped, and a port among them is closed', () => {
    const { scheduler, w, stream } = open();
    scheduler.cancel(stream);
    const { port1, port2 } = new MessageChannel();
    const close = vi.spyOn(port1, 'close');
    w.emits(stream, port1);
    port2.close();
    expect([stream.history, close.mock.calls.length]).toEqual([[], 1]);
  });

  it('a stream that is cancelled while it is paused is not idle work for the worker', () => {
    const { scheduler, w, stream } = open();
    w.emits(stream, 1, 2);
    scheduler.cancel(stream);
    w.fulfils(stream);
    expect([w.log, scheduler.dispatcher.unreported]).toEqual([['run stream', 'abort stream'], 0]);
  });

  it('a stream that was revoked before it started keeps no credit on its first worker', () => {
    const scheduler = new Scheduler();
    const [w] = scheduler.start(1, 1);
    const [a] = scheduler.send('a');
    const [stream] = scheduler.send('stream', { credit: 1 });
    w.claims(a);
    scheduler.cancel(stream);
    w.emits(stream, 'late');
    w.skips(stream);
    expect([stream.history, scheduler.dispatcher.unreported]).toEqual([[], 1]);
  });

  it('a stream that is sent again has its whole credit on the second worker', () => {
    const scheduler = new Scheduler();
    const [first] = scheduler.start(1, 10);
    const [stream] = scheduler.send('stream', { credit: 2 });
    first.ends({ exitCode: 1 });
    scheduler.send('b');
    const second = scheduler.workers[1]!;
    second.ready();
    second.emits(stream, 1);
    endTick();
    expect([second.log, scheduler.queue]).toEqual([['run stream'], 'b']);
    second.emits(stream, 2);
    endTick();
    expect(second.log).toEqual(['run stream', 'run b']);
  });

  it('a paused stream makes room for a queued job before its reader is called', () => {
    const { scheduler, w, stream } = open();
    scheduler.send('b');
    let unreported = 0;
    stream.during('streamed', () => {
      unreported = scheduler.dispatcher.unreported;
    });
    w.emits(stream, 1, 2);
    expect(unreported).toBe(1);
  });

  it('a paused stream that is the last task of its worker lets the worker be replaced', () => {
    const { scheduler, w, stream } = open({ maxTasksPerWorker: 1, maxWorkers: 2 });
    scheduler.send('b');
    expect(scheduler.workers).toHaveLength(2);
    w.emits(stream, 1, 2);
    expect(scheduler.events).toContain('recycled w-1: max-tasks');
    w.fulfils(stream);
    expect(w.log).toEqual(['run stream', 'end']);
  });

  it('a worker with a paused stream is not overdue, and receives jobs ahead', () => {
    const { scheduler, w } = openPaused();
    scheduler.send('b c');
    expect(w.log).toEqual(['run stream', 'run b c']);
  });

  // A known fault: a worker with a paused stream counts as busy when its next jobs are sent. So the
  // time without a message counts from the last value of the stream.
  it('jobs that a worker receives after a paused stream are not behind a long task', () => {
    const { scheduler, w } = openPaused();
    const [b] = scheduler.send('b c');
    w.claims(b);
    scheduler.send('d');
    expect(w.log).toEqual(['run stream', 'run b c', 'run d']);
  });
});

/** A worker of known pace, whose only job is a stream that has been paused for a second. */
function openPaused() {
  const scheduler = new Scheduler();
  const [w] = scheduler.start(1, 1);
  const [stream] = scheduler.send('stream', { credit: 2 });
  w.claims(stream);
  w.emits(stream, 1, 2);
  pass(1_000);
  return { scheduler, w };
}
