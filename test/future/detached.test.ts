import { Deferred } from 'rx-futures';
import { describe, expect, it, vi } from 'vitest';
import { DetachedProducer, detachedOwner } from '../../src/future/detached.js';
import { catchWarnings } from '../support/reports.js';

describe('DetachedProducer', () => {
  it('a cancel reaches the work and the adopted promise or future', () => {
    const stopped = vi.fn();
    const adopted = { source: undefined, stop: vi.fn() };
    const producer = new DetachedProducer('work', stopped);
    producer.adopted = adopted as never;
    producer.stop('enough');
    expect(stopped).toHaveBeenCalledWith('enough');
    expect(adopted.stop).toHaveBeenCalledWith('enough');
  });

  it('a released producer keeps nothing alive, and a later cancel does nothing', () => {
    const stopped = vi.fn();
    const producer = new DetachedProducer('work', stopped);
    producer.adopted = { source: undefined, stop: stopped } as never;
    producer.release();
    producer.stop('late');
    expect(stopped).not.toHaveBeenCalled();
    expect([producer.stopped, producer.adopted]).toEqual([undefined, undefined]);
  });

  it('`source` is the adopted future, and nothing for an adopted promise', () => {
    const producer = new DetachedProducer('work');
    const { future } = new Deferred();
    producer.adopted = { source: future, stop() {} } as never;
    expect(producer.source).toBe(future);
    producer.adopted = { source: Promise.resolve(), stop() {} } as never;
    expect(producer.source).toBe(undefined);
  });

  it('the work runs from its start on, on no thread', () => {
    const producer = new DetachedProducer('work');
    expect([producer.isRunning(), producer.threadId]).toEqual([false, undefined]);
    producer.hasStarted = true;
    expect(producer.isRunning()).toBe(true);
  });
});

describe('the owner of futures that belong to no executor', () => {
  const warnings = catchWarnings();

  it('an unobserved failure becomes a process warning with the name of the future', () => {
    detachedOwner.failedUnobserved({ error: new Error('lost'), id: 3, name: 'work', owner: detachedOwner });
    expect(warnings.messages()).toEqual([expect.stringMatching(/^Future "work" \(#3\) was rejected.*lost/s)]);
  });
});
