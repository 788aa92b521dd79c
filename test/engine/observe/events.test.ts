import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Subscriber } from 'rxjs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EventSource, type EventType } from '../../../src/engine/observe/events.js';
import { afterReports, catchUnhandled } from '../../support/reports.js';

const worker = { worker: 'crew-1', threadId: 1 };

describe('EventSource', () => {
  const unhandled = catchUnhandled();

  it('an event has its type, its time and the name of its executor', () => {
    const source = new EventSource('crew');
    const seen: unknown[] = [];
    source.events.subscribe((event) => seen.push(event));
    source.emit('worker-ready', worker, 1_234);
    expect(seen).toEqual([{ type: 'worker-ready', at: 1_234, executor: 'crew', ...worker }]);
  });

  it('an event is wanted only if it has a subscriber or a listener on its channel', () => {
    const source = new EventSource('crew');
    const wanted = () => (['worker-ready', 'worker-ended'] as EventType[]).filter((type) => source.wants(type));
    expect(wanted()).toEqual([]);
    const listener = () => {};
    subscribe('rx-futures:worker:ended', listener);
    onTestFinished(() => void unsubscribe('rx-futures:worker:ended', listener));
    expect(wanted()).toEqual(['worker-ended']);
    const subscription = source.events.subscribe();
    expect(wanted()).toEqual(['worker-ready', 'worker-ended']);
    subscription.unsubscribe();
    expect(wanted()).toEqual(['worker-ended']);
  });

  it('`listened` is called for each subscriber', () => {
    const source = new EventSource('crew');
    source.listened = vi.fn();
    source.events.subscribe();
    source.events.subscribe();
    expect(source.listened).toHaveBeenCalledTimes(2);
  });

  it('an error of a Subscriber does not reach the caller of emit()', async () => {
    const source = new EventSource('crew');
    const error = new Error('in the listener');
    const fail = () => {
      throw error;
    };
    source.events.subscribe(new Subscriber({ next: fail, error: fail, complete: () => {} }));
    source.emit('worker-ready', worker);
    await afterReports();
    expect(unhandled.mock.calls).toEqual([[error]]);
  });

  it('complete() completes a later subscriber if there was none before', () => {
    const source = new EventSource('crew');
    source.complete();
    const complete = vi.fn();
    source.events.subscribe({ complete });
    expect(complete).toHaveBeenCalledTimes(1);
  });

  it('complete() completes the subscribers, now and later', () => {
    const source = new EventSource('crew');
    const complete = vi.fn();
    source.events.subscribe({ complete });
    source.complete();
    source.events.subscribe({ complete });
    expect(complete).toHaveBeenCalledTimes(2);
  });
});
