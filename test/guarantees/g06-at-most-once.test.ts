/** G6 At most once. */
import { WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open, warmUp } from '../support/open.js';

describe('G6 At most once', () => {
  it('a dying worker rejects only the task that it was running', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await warmUp(executor);
    const { count, holdAndExit } = executor.tasks;
    const dying = holdAndExit(gate.cells, 5);
    const behind = Array.from({ length: 30 }, () => count(gate.cells));
    await gate.arrivals();
    expect(executor.stats()).toMatchObject({ running: 1, pending: 31 });
    gate.open();
    const [outcome, ...rest] = await Promise.all([dying.settled(), ...behind.map((future) => future.settled())]);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'WorkerDiedError', exitCode: 5 } });
    expect(rest.map(({ status }) => status)).toEqual(Array(30).fill('fulfilled'));
  });

  it('tasks that a dying worker had not started run on another worker exactly once', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await warmUp(executor);
    const { count, holdAndExit } = executor.tasks;
    const dying = holdAndExit(gate.cells, 5);
    const behind = Array.from({ length: 30 }, () => count(gate.cells));
    await gate.arrivals();
    gate.open();
    await dying.settled();
    const runs = await Promise.all(behind);
    expect(gate.runs).toBe(30);
    expect([...runs].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    expect(behind.every((future) => future.threadId !== dying.threadId)).toBe(true);
  });

  it('a task that was running when its worker died never runs a second time', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await expect(executor.tasks.exitAtFirst(gate.cells)).rejects.toBeInstanceOf(WorkerDiedError);
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(1);
  });

  it('results of finished tasks arrive even if the worker dies right after them', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { count, exitAtOnce } = executor.tasks;
    // From here on the tasks are known to be short, so their results may wait to be sent together.
    await Promise.all(Array.from({ length: 50 }, () => count(gate.cells)));
    const finished = Array.from({ length: 200 }, () => count(gate.cells));
    const dying = exitAtOnce(3);
    const outcomes = await Promise.all(finished.map((future) => future.settled()));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['fulfilled']));
    expect((await dying.settled()).status).toBe('rejected');
    expect(gate.runs).toBe(250);
  });

  it('a worker sends the results of finished tasks before it starts a task that is not known to be short', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    await warmUp(executor);
    const { add, hold } = executor.tasks;
    const quick = Array.from({ length: 20 }, (_, i) => add(i, 1));
    const long = hold(gate.cells);
    // The thread is blocked, and the results have arrived.
    expect(await Promise.all(quick)).toEqual(quick.map((_, i) => i + 1));
    expect(long.isSettled).toBe(false);
    gate.open();
    await long;
  });

  it('an endless loop that is terminated loses no results of tasks that finished before it', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    await warmUp(executor);
    const { count, loopForever } = executor.tasks;
    const before = Array.from({ length: 20 }, () => count(gate.cells));
    const looping = loopForever(gate.cells);
    await gate.arrivals();
    looping.cancel();
    await Promise.all(before);
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(20);
  });

  it('tasks that wait behind a long task are revoked for an idle worker and run exactly once', async () => {
    await using executor = open('gates.js', { maxWorkers: 2 });
    using gate = new Gate();
    await warmUp(executor);
    using other = new Gate();
    const { count, hold, linger } = executor.tasks;
    await executor.ready();
    const second = linger(other.cells);
    await other.arrivals();
    const first = hold(gate.cells);
    const behind = Array.from({ length: 40 }, () => count(gate.cells));
    await gate.arrivals();
    other.open();
    // The gate is still closed. Therefore these tasks do not run on the worker to which some of
    // them were dispatched.
    await Promise.all([second, ...behind]);
    expect(first.state).toBe('running');
    expect(gate.runs).toBe(40);
    gate.open();
    await first;
  });

  it('tasks whose concurrency slots are on a blocked thread run once, on another worker', async () => {
    await using executor = open('gates.js', { maxWorkers: 2, concurrency: 8 });
    using gate = new Gate();
    const { count, hold } = executor.tasks;
    const first = hold(gate.cells);
    const beside = Array.from({ length: 7 }, () => count(gate.cells));
    // The gate stays closed until all of these tasks have run.
    await Promise.all(beside);
    expect(first.state).toBe('running');
    expect(gate.runs).toBe(7);
    gate.open();
    await first;
  });

  it('each of 1,000 tasks runs exactly once although workers keep dying', async () => {
    await using executor = open('gates.js', { maxWorkers: 2 });
    using gate = new Gate();
    const { count, exitAtOnce } = executor.tasks;
    const counted = [];
    const dying = [];
    for (let i = 0; i < 1_000; i++) {
      counted.push(count(gate.cells));
      if (i % 250 === 249) dying.push(exitAtOnce(1));
    }
    const outcomes = await Promise.all(counted.map((future) => future.settled()));
    expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(gate.runs).toBe(1_000);
    for (const future of dying) await expect(future).rejects.toBeInstanceOf(WorkerDiedError);
  });
});
