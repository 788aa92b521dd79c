/** A worker that ends while it has tasks: which tasks are lost, and which are not. */
import { WorkerDiedError } from 'rx-futures';
import { expect } from 'vitest';
import { warmUp } from '../../support/open.js';
import type { Suite } from '../describe-backend.js';

export function deaths({ it, open, makeGate, exitCode }: Suite): void {
  it('a task on a worker that exits rejects with a WorkerDiedError', async () => {
    await using executor = open('dying.js', { name: 'crew', maxWorkers: 1 });
    const { reason } = (await executor.tasks.exit(7).settled()) as { reason: any };
    expect(reason).toBeInstanceOf(WorkerDiedError);
    expect(reason).toMatchObject({ exitCode: exitCode(7), workerName: 'crew-1' });
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('a task that causes an uncaught error rejects with a WorkerDiedError that has the error as its cause', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    const { reason } = (await executor.tasks.throwInTimer().settled()) as { reason: any };
    expect(reason).toBeInstanceOf(WorkerDiedError);
    expect(reason.cause).toBeInstanceOf(RangeError);
    expect(reason.cause.message).toBe('thrown in a timer');
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('tasks that waited behind the task that ended their worker run once, on another worker', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    await warmUp(executor);
    const { count, holdAndExit } = executor.tasks;
    const dying = holdAndExit(gate.cells, 5);
    const behind = Array.from({ length: 30 }, () => count(gate.cells));
    await gate.arrivals();
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await Promise.all(behind)).toEqual(behind.map((_, i) => i + 1));
    expect(gate.runs).toBe(30);
  });

  it('a task that was running when its worker ended is not run again', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    await expect(executor.tasks.exitAtFirst(gate.cells)).rejects.toBeInstanceOf(WorkerDiedError);
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(1);
  });

  it('a task that was running when its worker ended is run again if retry allows it', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    expect(await executor.tasks.exitAtFirst.with({ retry: 1 })(gate.cells)).toBe('survived');
    expect(gate.runs).toBe(2);
  });

  it('the end of a worker rejects only those interleaved tasks that have started', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, concurrency: 2 });
    using gate = makeGate();
    const { count, holdAndExit } = executor.tasks;
    const dying = holdAndExit(gate.cells, 5);
    const behind = count(gate.cells);
    await gate.arrivals();
    gate.open();
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await behind).toBe(1);
  });

  it('results that are finished before their worker exits arrive, even large ones', async () => {
    await using executor = open('dying.js', { maxWorkers: 1, concurrency: 2 });
    const { exit, giveBytes } = executor.tasks;
    const finished = giveBytes(20_000_000);
    const dying = exit(3);
    expect(await finished).toHaveLength(20_000_000);
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
  });
}
