/** Jobs that attach to a task of another process, and the cancels of such tasks. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Backend, Session, SessionListener } from '../../../src/backends/backend.js';
import { Ledger } from '../../../src/protocol/ledger.js';
import { type FromWorker, REPORT_CANCELLED, type ToQueue, type ToWorker } from '../../../src/protocol/messages.js';
import { encodeError } from '../../../src/protocol/wire-error.js';
import { Dispatcher } from '../../../src/scheduling/dispatcher.js';
import type { Job } from '../../../src/scheduling/job/job.js';
import { jobStateName, WAITING } from '../../../src/scheduling/job/job-state.js';
import type { WorkforceListener } from '../../../src/scheduling/workforce/workforce-listener.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';

beforeEach(useVirtualTime);
afterEach(useRealTime);

/** Sessions that record their messages, one after another. */
class FakeQueue implements Backend {
  readonly name = 'fake';
  readonly traits = { ownsWorkers: false, nextId: () => 1 };
  readonly posted: string[] = [];
  #listener: SessionListener | undefined;

  open(_config: unknown, _options: unknown, listener: SessionListener): Session {
    this.#listener = listener;
    const ledger = Object.assign(new Ledger(), { revoke: () => false });
    const note = (text: string) => this.posted.push(text);
    return {
      threadId: undefined,
      ledger,
      canRevoke: false,
      post: (message: ToWorker | ToQueue) => note(`${message.type} ${'id' in message ? message.id : ''}`.trim()),
      end: () => note('end'),
      kill: () => note('kill'),
    };
  }

  says(message: FromWorker): void {
    this.#listener!.message(message);
  }

  ends(): void {
    this.#listener!.ended({ type: 'failed', error: new Error('lost') });
  }
}

function open() {
  const backend = new FakeQueue();
  const unlimited = Number.POSITIVE_INFINITY;
  const ignore = () => {};
  const listener = new Proxy({}, { get: () => ignore }) as WorkforceListener;
  const dispatcher = new Dispatcher(
    {
      name: 'q',
      backend,
      config: { module: undefined, initializer: undefined, initArgs: [], concurrency: 10 },
      workerOptions: {},
      maxWorkers: 1,
      minWorkers: 0,
      idleTimeout: unlimited,
      maxTasksPerWorker: unlimited,
      startTimeout: unlimited,
      terminateAfter: unlimited,
      finalizeTimeout: Number.POSITIVE_INFINITY,
      errorClasses: {},
    },
    listener,
  );
  return { backend, dispatcher };
}

/** A job that attaches to a task. */
function attached(id: number) {
  const outcomes: unknown[] = [];
  const job = { id, attempt: 1, kind: 'attach', priority: 0, steps: [], args: [] };
  const calls = { ran() {}, cancelled: (reason: unknown) => outcomes.push(reason) };
  return { ...job, ...calls, outcomes, credit: 0, state: WAITING, slot: -1 } as unknown as Job & {
    outcomes: unknown[];
  };
}

const tick = () => Promise.resolve();

describe('a job that attaches to a task', () => {
  it('the job waits until the worker is ready, is sent as a message, and is reported by its slot', async () => {
    const { backend, dispatcher } = open();
    const job = attached(7);
    dispatcher.enqueue(job);
    await tick();
    expect([jobStateName(job.state), dispatcher.unreported, backend.posted]).toEqual(['queued', 1, []]);
    backend.says({ type: 'ready' });
    expect([jobStateName(job.state), dispatcher.unreported, backend.posted]).toEqual(['sent', 1, ['attach 7']]);
    const values = [encodeError('enough', 'reason')];
    backend.says({ type: 'reports', cells: [job.slot, REPORT_CANCELLED], values, busy: 0 });
    expect([jobStateName(job.state), dispatcher.unreported, job.outcomes]).toEqual(['gone', 0, ['enough']]);
  });

  it('a cancel after the job was sent is an abort message', async () => {
    const { backend, dispatcher } = open();
    const job = attached(7);
    dispatcher.enqueue(job);
    await tick();
    backend.says({ type: 'ready' });
    expect(dispatcher.cancel(job, 'enough')).toBeUndefined();
    expect(backend.posted).toEqual(['attach 7', 'abort 7']);
  });
});

describe('a cancel before the job was sent', () => {
  /** Cancels a job that was not sent. Notes when the promise has resolved. */
  function cancelEarly() {
    const { backend, dispatcher } = open();
    const job = attached(7);
    dispatcher.enqueue(job);
    const state = { isDone: false };
    void dispatcher.cancel(job, 'enough')!.then(() => {
      state.isDone = true;
    });
    return { backend, dispatcher, state };
  }

  it('the cancel starts a worker, is sent when the worker is ready, and is done when it is confirmed', async () => {
    const { backend, dispatcher, state } = cancelEarly();
    await tick();
    backend.says({ type: 'ready' });
    expect(backend.posted).toEqual(['cancel-remote 7']);
    await tick();
    expect([state.isDone, dispatcher.unreported]).toEqual([false, 0]);
    backend.says({ type: 'remote-cancelled', id: 7 });
    await tick();
    expect(state.isDone).toBe(true);
  });

  it('the next worker sends the cancel again if a worker ends before it has confirmed it', async () => {
    const { backend } = cancelEarly();
    await tick();
    backend.says({ type: 'ready' });
    backend.ends();
    // After the loss of a worker, the next start waits.
    await vi.advanceTimersByTimeAsync(1_000);
    backend.says({ type: 'ready' });
    expect(backend.posted).toEqual(['cancel-remote 7', 'cancel-remote 7']);
  });

  it('close() drops the cancel, and a later cancel sends nothing', async () => {
    const { backend, dispatcher, state } = cancelEarly();
    const other = attached(8);
    dispatcher.enqueue(other);
    void dispatcher.close('terminate');
    expect(dispatcher.cancel(other, 'enough')).toBeUndefined();
    await tick();
    expect([state.isDone, backend.posted]).toEqual([true, []]);
  });
});
