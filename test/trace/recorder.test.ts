import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ExecutorEvent } from '../../src/engine/observe/events.js';
import { now } from '../../src/platform/time.js';
import { Recorder } from '../../src/trace/recorder.js';
import { useRealTime, useVirtualTime } from '../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

const pass = (ms: number) => vi.advanceTimersByTime(ms);

/** A recorder, and the events of its executor with the data that a recorder reads. */
function open(limit = 10) {
  const recorder = new Recorder(limit);
  const record = (event: object) => recorder.record(event as ExecutorEvent);
  const at = { worker: 'crew-1', threadId: 7 };
  return {
    recorder,
    record,
    runs: () => recorder.all().filter((entry) => entry.type === 'run'),
    submit: (id: number, upstreamId?: number) => record({ type: 'task-submitted', id, name: 'add', upstreamId }),
    start: (id: number, attempt = 1, waited = 0) =>
      record({ type: 'task-started', id, name: 'add', at: now(), attempt, waited, ...at }),
    settle: (id: number, ran: number | undefined, more: object = {}) =>
      record({ type: 'task-settled', id, name: 'add', status: 'fulfilled', ran, total: 0, ...more }),
  };
}

describe('Recorder', () => {
  it('a run has its submit, its start and its end on the worker, whenever the events arrive', () => {
    const { submit, start, settle, runs } = open();
    const submittedAt = now();
    submit(1, 8);
    pass(10);
    start(1);
    pass(50);
    settle(1, 20);
    expect(runs()).toEqual([
      {
        type: 'run',
        id: 1,
        name: 'add',
        upstreamId: 8,
        attempt: 1,
        submittedAt,
        startedAt: submittedAt + 10,
        endedAt: submittedAt + 30,
        worker: 'crew-1',
        threadId: 7,
        status: 'fulfilled',
        error: undefined,
      },
    ]);
  });

  it('each attempt is a run, and only the class of its error is kept', () => {
    const { submit, start, record, settle, runs } = open();
    const submittedAt = now();
    submit(1);
    start(1);
    record({ type: 'task-retried', id: 1, attempt: 1, delay: 100, ran: 5, error: new TypeError('secret') });
    pass(120);
    start(1, 2);
    settle(1, 7, { status: 'rejected', error: 'secret' });
    expect(runs()).toMatchObject([
      { attempt: 1, status: 'retried', endedAt: submittedAt + 5, error: 'TypeError' },
      { attempt: 2, status: 'rejected', submittedAt: submittedAt + 100, endedAt: submittedAt + 127, error: 'string' },
    ]);
    expect(JSON.stringify(runs())).not.toContain('secret');
  });

  it('a task that has not settled waits or runs until now', () => {
    const { submit, start, runs } = open();
    submit(1);
    submit(2);
    start(2);
    pass(30);
    expect(runs()).toMatchObject([
      { id: 1, status: 'waiting', startedAt: undefined, endedAt: now() },
      { id: 2, status: 'running', startedAt: now() - 30, endedAt: now() },
    ]);
  });

  it('a task that was submitted before the recording started is a run too', () => {
    const { start, settle, runs } = open();
    pass(100);
    start(1, 1, 40);
    settle(1, 5);
    settle(2, undefined, { status: 'cancelled', total: 60 });
    expect(runs()).toMatchObject([
      { id: 1, submittedAt: now() - 40, endedAt: now() + 5 },
      { id: 2, submittedAt: now() - 60, startedAt: undefined, endedAt: now(), status: 'cancelled' },
    ]);
  });

  it('the newest runs are kept, and as many tasks that have not settled', () => {
    const { recorder, submit, start, settle, runs } = open(2);
    for (const id of [1, 2, 3]) submit(id);
    expect(runs().map(({ id }) => id)).toEqual([2, 3]);
    for (const id of [1, 2, 3]) {
      start(id);
      settle(id, 1);
    }
    expect(runs().map(({ id }) => id)).toEqual([2, 3]);
    expect(recorder.dropped).toBe(1);
  });

  it('a worker has a start, and workers and actors have moments', () => {
    const { recorder, record } = open();
    const worker = { worker: 'crew-1', threadId: 7 };
    record({ type: 'worker-spawned', ...worker });
    pass(40);
    record({ type: 'worker-ready', ...worker });
    record({ type: 'actor-died', actor: 'Counter-1', ...worker, error: new RangeError('secret') });
    record({ type: 'actor-died', actor: 'Counter-2', worker: undefined, error: new Error('secret') });
    record({ type: 'worker-died', ...worker, exitCode: 1, signal: undefined, error: new Error('secret') });
    expect(recorder.all()).toMatchObject([
      { type: 'start', worker: 'crew-1', startedAt: now() - 40, endedAt: now() },
      { type: 'mark', cat: 'actor', name: 'actor-died', args: { actor: 'Counter-1', error: 'RangeError' } },
      { type: 'mark', cat: 'worker', name: 'worker-died', args: { exitCode: 1, error: 'Error' } },
    ]);
  });
});
