import { serialize } from 'node:v8';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Ledger, UNCLAIMED } from '../../src/protocol/ledger.js';
import { Functions } from '../../src/worker/functions.js';
import { Inputs } from '../../src/worker/inputs.js';
import { type Downstream, JobRunner } from '../../src/worker/job-runner.js';
import { Links } from '../../src/worker/links.js';
import { RunningTasks } from '../../src/worker/running-tasks.js';
import { SharedValues } from '../../src/worker/shared-values.js';
import { registry } from '../../src/worker/task-context.js';
import { WaitingTasks } from '../../src/worker/waiting-tasks.js';

/** Opens a runner for these functions, whose keys are 1, 2, and so on. */
function open(...fns: ((...args: any[]) => unknown)[]) {
  const functions = new Functions();
  functions.useModule(Object.fromEntries(fns.map((fn, i) => [`f${i + 1}`, fn])), 'file:///tasks.js');
  functions.define(fns.map((_, i) => ({ key: i + 1, kind: 'export', name: `f${i + 1}` })));
  const log: unknown[] = [];
  const reports = {
    isBlocked: false,
    isDue: () => false,
    flush: vi.fn(),
    fulfil: (slot: number, value: unknown) => log.push(['fulfilled', slot, value]),
    fulfilLazily: (slot: number, value: unknown) => log.push(['fulfilled lazily', slot, value]),
    reject: (slot: number, error: Error) => log.push(['rejected', slot, error.message]),
    skip: (slot: number) => log.push(['skipped', slot]),
  };
  const ledger = new Ledger();
  const streams = { leave: vi.fn(), fail: vi.fn(), run: vi.fn() };
  const progress = { ended: vi.fn() };
  const shared = new SharedValues();
  const tasks = new RunningTasks('crew-1', progress as never, { ledger, receiveAbort: vi.fn() });
  const waiting = new WaitingTasks({ has: () => true, paused: vi.fn(), resumed: vi.fn() }, vi.fn());
  const inputs = new Inputs(vi.fn(), waiting);
  const links = new Links({} as never, inputs);
  const parts = { functions, tasks, shared, inputs, links, waiting };
  const jobs = new JobRunner(ledger, { ...parts, reports: reports as never, streams: streams as never });
  ledger.open(0);
  const cells = (...keys: number[]) => [0, -1, 9, 1, 1, keys.length, ...keys];
  return {
    jobs,
    tasks,
    shared,
    ledger,
    log,
    reports,
    cells,
    run: (keys: number[], args: unknown[], downstream?: Downstream) => jobs.run(cells(...keys), 0, args, downstream),
  };
}

afterEach(() => expect(registry.running.size).toBe(0));

describe('a job', () => {
  it('a synchronous function is reported at once', () => {
    const { run, log, ledger } = open((a, b) => a + b);
    expect(run([1], [1, 2])).toBe(undefined);
    expect(log).toEqual([['fulfilled', 0, 3]]);
    expect(ledger.stateOf(0)).not.toBe(UNCLAIMED);
  });

  it('a function receives a shared value for its id, and a lost value rejects the job', () => {
    const { jobs, shared, log, ledger } = open((value, n) => value.size + n);
    shared.add(7, { size: 3 });
    const cells = [0, -1, 9, 1, -4, 1, 1];
    jobs.run(cells, 0, [7, 2, 0, 1]);
    shared.remove(7);
    ledger.open(0);
    jobs.run(cells, 0, [7, 2, 0, 1]);
    expect(log).toEqual([
      ['fulfilled', 0, 5],
      ['rejected', 0, expect.stringContaining('does not have shared value 7')],
    ]);
  });

  it('a function receives the value of an argument that is sent as bytes, and unreadable bytes reject the job', () => {
    const { jobs, shared, log, ledger } = open((rows, value) => rows.length + value.size);
    shared.add(7, { size: 3 });
    const cells = [0, -1, 9, 1, -5, 1, 1];
    jobs.run(cells, 0, [serialize(['a', 'b']), 7, 0, 1, 2]);
    ledger.open(0);
    jobs.run(cells, 0, [new Uint8Array([1, 2]), 7, 0, 1, 2]);
    expect(log).toEqual([
      ['fulfilled', 0, 5],
      ['rejected', 0, expect.stringContaining('deserialize')],
    ]);
  });

  it('an asynchronous function is reported when its promise has settled', async () => {
    const { run, log } = open(async (n) => n + 1);
    const done = run([1], [1]);
    expect(log).toEqual([]);
    await done;
    expect(log).toEqual([['fulfilled', 0, 2]]);
  });

  it('a function that throws or rejects rejects the job', async () => {
    const fail = () => {
      throw new Error('lost');
    };
    const sync = open(fail);
    sync.run([1], []);
    const later = open(async () => fail());
    await later.run([1], []);
    for (const { log } of [sync, later]) expect(log).toEqual([['rejected', 0, 'lost']]);
  });

  it('the steps of a job receive the value of the step before', async () => {
    const double = (n: number) => 2 * n;
    const { run, log } = open(double, async (n) => n + 1, double);
    await run([1, 2, 3], [5]);
    expect(log).toEqual([['fulfilled', 0, 22]]);
  });

  it('a function is called without `this`', () => {
    const { run, log } = open(function (this: unknown) {
      return this;
    });
    run([1], []);
    expect(log).toEqual([['fulfilled', 0, undefined]]);
  });

  it('a job whose value another job receives is reported lazily', () => {
    const { run, log } = open(() => 'value');
    const downstream = { fulfilled: vi.fn(() => true), failed: vi.fn() };
    run([1], [], downstream);
    expect(downstream.fulfilled).toHaveBeenCalledWith('value');
    expect(log).toEqual([['fulfilled lazily', 0, 'value']]);
  });
});

describe('a job that the main thread does not want any more', () => {
  it('a revoked job is skipped, and its dependents fail', () => {
    const { run, log, ledger } = open(() => 'value');
    ledger.revoke(0);
    const downstream = { fulfilled: vi.fn(() => true), failed: vi.fn() };
    run([1], [], downstream);
    expect(log).toEqual([['skipped', 0]]);
    expect(downstream.failed).toHaveBeenCalledTimes(1);
  });

  it('a job that is stopped between two steps does not start the second', () => {
    const second = vi.fn();
    const { run, log, ledger } = open(() => ledger.stop(0), second);
    run([1, 2], []);
    expect(second).not.toHaveBeenCalled();
    expect(log).toEqual([['rejected', 0, 'Task #9 was cancelled between two steps.']]);
  });

  it('the value of a stopped job reaches no other job, even if that job is not revoked yet', async () => {
    const downstream = { fulfilled: vi.fn(() => true), failed: vi.fn() };
    const stopped = open(() => stopped.ledger.stop(0));
    stopped.run([1], [], downstream);
    const aborted = open(async () => aborted.jobs.abort({ slot: 0, id: 9, attempt: 1 }, 'enough'));
    await aborted.run([1], [], downstream);
    expect(downstream.failed).toHaveBeenCalledTimes(2);
    expect(downstream.fulfilled).not.toHaveBeenCalled();
    expect([...stopped.log, ...aborted.log]).toEqual([
      ['fulfilled', 0, undefined],
      ['fulfilled', 0, undefined],
    ]);
  });

  it('an abort reaches the running job that it names, and no other run of the slot', async () => {
    const { run, jobs, log } = open(async () => {
      const [task] = registry.running;
      jobs.abort({ slot: 0, id: 9, attempt: 2 }, 'another attempt');
      jobs.abort({ slot: 0, id: 8, attempt: 1 }, 'another job');
      const before = task!.isAborted;
      jobs.abort({ slot: 0, id: 9, attempt: 1 }, 'enough');
      return [before, task!.signal.reason];
    });
    await run([1], []);
    expect(log).toEqual([['fulfilled', 0, [false, 'enough']]]);
  });
});

describe('fail()', () => {
  it('an uncaught error rejects the running task once, and a task that has ended not at all', async () => {
    let finish = () => {};
    const waiting = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { run, tasks, log } = open(() => waiting);
    const done = run([1], []);
    const [task] = registry.running;
    expect(tasks.fail(task!, new Error('in a timer'))).toBe(true);
    await done;
    finish();
    expect(tasks.fail(task!, new Error('late'))).toBe(false);
    expect(log).toEqual([['rejected', 0, 'in a timer']]);
  });
});

describe('clear()', () => {
  it('waiting results are sent before a function that may be slow, and not before a quick one', () => {
    const { jobs, reports, cells, run } = open(() => 1);
    expect(jobs.clear(cells(1), 0)).toBe(true);
    expect(reports.flush).toHaveBeenCalledTimes(1);
    jobs.now = performance.now();
    run([1], []);
    jobs.clear(cells(1), 0);
    expect(reports.flush).toHaveBeenCalledTimes(1);
  });

  it('a job has to wait while the results cannot be sent', () => {
    const { jobs, reports, cells } = open(() => 1);
    reports.isBlocked = true;
    expect(jobs.clear(cells(1), 0)).toBe(false);
  });
});
