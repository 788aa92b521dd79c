/** The events of tasks and their times, with a ledger and a clock of the test. */
import { Deferred } from 'rx-futures';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EventSource } from '../../../src/engine/observe/events.js';
import { TaskEvents } from '../../../src/engine/observe/task-events.js';
import { now } from '../../../src/platform/time.js';
import { Worker } from '../../../src/scheduling/worker/worker.js';
import { record } from '../../support/events.js';
import { useRealTime, useVirtualTime } from '../../support/virtual-time.js';

beforeEach(() => useVirtualTime());
afterEach(() => useRealTime());

/** A run that the test sends, starts, reports and settles. */
class Run {
  readonly #work: Deferred<unknown>;
  readonly #submittedAt = now();
  attempt = 1;
  worker: unknown = undefined;
  isInFlight = false;

  constructor(
    readonly slot: number,
    readonly name: string,
  ) {
    this.#work = new Deferred(name);
  }

  get future() {
    return this.#work.future;
  }

  get id(): number {
    return this.future.id;
  }

  waitedUntil(moment: number): number {
    return moment - this.#submittedAt;
  }

  end(settle: (work: Deferred<unknown>) => void): void {
    this.isInFlight = false;
    settle(this.#work);
  }
}

/** One worker, whose ledger the test writes. */
function open() {
  const source = new EventSource('crew');
  const runs: Run[] = [];
  /** The start of each claimed slot. It outlives the job, as in a real ledger. */
  const ledger = new Map<number, number>();
  const worker = Object.assign(Object.create(Worker.prototype, { name: { value: 'crew-1' }, threadId: { value: 7 } }), {
    inFlight: {
      live: () => runs.filter(({ isInFlight }) => isInFlight),
      jobAt: (slot: number) => (runs[slot]!.isInFlight ? runs[slot] : undefined),
    },
    hasClaimed: ({ slot }: Run) => ledger.has(slot),
    startedAt: (slot: number) => ledger.get(slot)!,
  });
  const events = new TaskEvents(source, { workforce: { all: [worker] } } as never);
  return {
    source,
    submit(name = 'add'): Run {
      const run = new Run(runs.length, name);
      runs.push(run);
      events.submitted(run.future, 0, undefined);
      return run;
    },
    send(run: Run) {
      run.worker = worker;
      run.isInFlight = true;
    },
    start: (run: Run) => void ledger.set(run.slot, now()),
    /** The report of the run has arrived. */
    report(run: Run) {
      run.isInFlight = false;
      events.ran(run as never, ledger.get(run.slot)!, now());
    },
    retry: (run: Run, delay: number, error: unknown) => events.retried(run as never, delay, error),
    settle(run: Run, settle: (work: Deferred<unknown>) => void) {
      run.end(settle);
      events.settled(run as never, run.future);
    },
  };
}

const pass = (ms: number) => vi.advanceTimersByTime(ms);

describe('the times of a task', () => {
  it('waited, ran and total are exact, and total is longer than the other two by the way of the report', () => {
    const { source, submit, send, start, report, settle } = open();
    const { of } = record(source);
    const run = submit();
    send(run);
    pass(10);
    start(run);
    pass(20);
    report(run);
    pass(5);
    settle(run, (work) => work.resolve(1));
    expect(of('task-settled')).toMatchObject([
      { status: 'fulfilled', worker: 'crew-1', threadId: 7, waited: 10, ran: 20, total: 35 },
    ]);
  });

  it('a running task that is cancelled ran until that moment', () => {
    const { source, submit, send, start, settle } = open();
    const { of, types } = record(source);
    const run = submit();
    send(run);
    start(run);
    pass(30);
    settle(run, (work) => work.cancel());
    expect(types()).toEqual(['task-submitted', 'task-started', 'task-settled']);
    expect(of('task-settled')).toMatchObject([{ status: 'cancelled', waited: 0, ran: 30, total: 30 }]);
  });

  it('a task that never started has no worker and no times, except its total', () => {
    const { source, submit, send, settle } = open();
    const { of } = record(source);
    const run = submit();
    send(run);
    pass(30);
    settle(run, (work) => work.cancel());
    const nothing = { worker: undefined, threadId: undefined, waited: undefined, ran: undefined };
    expect(of('task-settled')).toMatchObject([{ ...nothing, total: 30 }]);
    expect(of('task-started')).toEqual([]);
  });

  it('a retry forgets the times of the failed attempt', () => {
    const { source, submit, send, start, report, retry, settle } = open();
    const { of } = record(source);
    const run = submit();
    send(run);
    start(run);
    pass(10);
    report(run);
    retry(run, 100, 'busy');
    run.attempt = 2;
    run.worker = undefined;
    pass(100);
    settle(run, (work) => work.cancel());
    expect(of('task-retried')).toMatchObject([{ attempt: 1, delay: 100, ran: 10, error: 'busy' }]);
    expect(of('task-settled')).toMatchObject([{ attempt: 2, waited: undefined, ran: undefined, total: 110 }]);
  });

  it('the error of a rejected future is in its event', () => {
    const { source, submit, settle } = open();
    const { of } = record(source);
    const error = new Error('lost');
    const run = submit();
    void run.future.settled();
    settle(run, (work) => work.reject(error));
    expect(of('task-settled')).toMatchObject([{ status: 'rejected', error }]);
  });
});

describe('the periodic read of the ledger', () => {
  it('a running task is reported at the next read, once, with the moment of its start', () => {
    const { source, submit, send, start, report } = open();
    const { of } = record(source);
    const run = submit();
    send(run);
    pass(49);
    start(run);
    const startedAt = now();
    pass(1);
    expect(of('task-started')).toMatchObject([{ id: run.id, at: startedAt, waited: 49 }]);
    pass(500);
    report(run);
    expect(of('task-started')).toHaveLength(1);
  });

  it('the timer runs only while a task is pending and a listener wants events', () => {
    const { source, submit, settle } = open();
    expect(vi.getTimerCount()).toBe(0);
    const run = submit();
    expect(vi.getTimerCount()).toBe(0);
    const subscription = source.events.subscribe();
    expect(vi.getTimerCount()).toBe(1);
    subscription.unsubscribe();
    pass(50);
    expect(vi.getTimerCount()).toBe(0);
    source.events.subscribe();
    settle(run, (work) => work.resolve(1));
    pass(50);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('the start of a task is reported even if a listener cancels the task during the read', () => {
    const { source, submit, send, start, settle } = open();
    const { of } = record(source);
    const [first, second] = [submit(), submit()];
    for (const run of [first, second]) {
      send(run);
      start(run);
    }
    source.events.subscribe(({ type }) => {
      if (type === 'task-started') settle(second, (work) => work.cancel());
    });
    pass(50);
    expect(
      of('task-started')
        .map(({ id }) => id)
        .sort(),
    ).toEqual([first.id, second.id].sort());
  });
});
