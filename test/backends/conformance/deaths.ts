/** A worker that ends in the middle of its work: what is lost with it, and what is not. */
import { WorkerDiedError } from 'rx-futures';
import { expect } from 'vitest';
import { warmUp } from '../../support/open.js';
import type { Exam } from '../describe-backend.js';

export function deaths({ it, open, makeGate }: Exam): void {
  it('rejects with WorkerDiedError what ran on a worker that exits', async () => {
    await using executor = open('dying.js', { name: 'crew', maxWorkers: 1 });
    const { reason } = (await executor.tasks.exit(7).settled()) as { reason: any };
    expect(reason).toBeInstanceOf(WorkerDiedError);
    expect(reason).toMatchObject({ exitCode: 7, workerName: 'crew-1' });
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('rejects with WorkerDiedError what throws outside of its promise, with what was thrown', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    const { reason } = (await executor.tasks.throwInTimer().settled()) as { reason: any };
    expect(reason).toBeInstanceOf(WorkerDiedError);
    expect(reason.cause).toBeInstanceOf(RangeError);
    expect(reason.cause.message).toBe('thrown in a timer');
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('runs elsewhere, each once, what waited behind the task that ended its worker', async () => {
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

  it('never runs a second time what ran when its worker ended', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    await expect(executor.tasks.exitAtFirst(gate.cells)).rejects.toBeInstanceOf(WorkerDiedError);
    await executor.tasks.add(1, 1);
    expect(gate.runs).toBe(1);
  });

  it('runs it again where retry says so', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = makeGate();
    expect(await executor.tasks.exitAtFirst.with({ retry: 1 })(gate.cells)).toBe('survived');
    expect(gate.runs).toBe(2);
  });

  it('rejects with a worker only what that had begun, where tasks are interleaved', async () => {
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

  it('brings home what was finished before, however large, when a worker ends itself', async () => {
    await using executor = open('dying.js', { maxWorkers: 1, concurrency: 2 });
    const { exit, giveBytes } = executor.tasks;
    const finished = giveBytes(20_000_000);
    const dying = exit(3);
    expect(await finished).toHaveLength(20_000_000);
    await expect(dying).rejects.toBeInstanceOf(WorkerDiedError);
  });
}
