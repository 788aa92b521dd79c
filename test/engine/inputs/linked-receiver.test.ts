/** The main thread's end of a stream whose values flow to another worker. */
import { Deferred } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { LinkedReceiver } from '../../../src/engine/inputs/linked-receiver.js';
import type { TaskRun } from '../../../src/engine/run/task-run.js';

function newReceiver() {
  const own = new Deferred<unknown>();
  const log: unknown[] = [];
  const run = { name: 'count', future: own.future, rare: {} } as unknown as TaskRun;
  const sink = {
    isClosed: false,
    buffered: 0,
    next: (value: unknown) => !log.push(['next', value]),
    error: (error: unknown) => void log.push(['error', error]),
    complete: () => void log.push('complete'),
  };
  const receiver = new LinkedReceiver(run, sink);
  return { receiver, run, sink, own, log };
}

describe('a stream whose values flow to another worker', () => {
  it('the sink completes when the task is fulfilled, without values', () => {
    const { own, log } = newReceiver();
    own.resolve('the result');
    expect(log).toEqual(['complete']);
  });

  it('the error of the task ends the sink, and counts as observed', () => {
    const { own, log } = newReceiver();
    const error = new RangeError('out of paper');
    own.reject(error);
    expect(log).toEqual([['error', error]]);
  });

  it('the first sign of values is remembered, because a retry would emit them again', () => {
    const { receiver, run } = newReceiver();
    expect([run.rare.valueSink, receiver.hasEmitted]).toEqual([receiver, false]);
    receiver.streamed();
    expect(receiver.hasEmitted).toBe(true);
  });

  it('a reader that leaves cancels the task, and receives nothing after that', () => {
    const { receiver, own, sink, log } = newReceiver();
    sink.isClosed = true;
    receiver.stop();
    expect(own.future.state).toBe('cancelled');
    expect(log).toEqual([]);
  });
});
