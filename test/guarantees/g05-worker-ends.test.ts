/** G5 Everything settles: a worker that ends while its task runs. */
import { type Future, type Outcome, WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open, warmUp } from '../support/open.js';

describe('G5 Everything settles: a worker that ends', () => {
  it('process.exit in a task rejects the task with a WorkerDiedError that has the exit code', async () => {
    await using executor = open('dying.js', { name: 'crew', maxWorkers: 1 });
    for (const code of [0, 1, 42]) {
      const { reason } = (await executor.tasks.exit(code).settled()) as { reason: any };
      expect(reason).toBeInstanceOf(WorkerDiedError);
      expect(reason).toMatchObject({ name: 'WorkerDiedError', code: 'ERR_WORKER_DIED', exitCode: code });
      expect(reason.workerName).toMatch(/^crew-\d+$/);
      expect(await executor.tasks.add(code, 1)).toBe(code + 1);
    }
  });

  it('an uncaught error in a timer rejects the task with that error', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    const error = thrownBy(await executor.tasks.throwInTimer().settled());
    expect(error).toMatchObject({ name: 'RangeError', message: 'thrown in a timer' });
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('an unhandled rejection rejects the task with its reason', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    const error = thrownBy(await executor.tasks.leaveRejection().settled());
    expect(error).toMatchObject({ name: 'TypeError', message: 'nobody handles me' });
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('a worker that runs out of memory rejects its task with a WorkerDiedError', async () => {
    await using executor = open('dying.js', { maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 32 } });
    const { reason } = (await executor.tasks.exhaustMemory().settled()) as { reason: any };
    expect(reason).toBeInstanceOf(WorkerDiedError);
    expect(reason.cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('a cancelled endless loop does not block the next task', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    const looping = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    looping.cancel();
    expect(looping.state).toBe('cancelled');
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('tasks that were dispatched behind a cancelled endless loop run on another worker', async () => {
    await using executor = open('gates.js', { maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    await warmUp(executor);
    const looping = executor.tasks.loopForever(gate.cells);
    const behind = Array.from({ length: 20 }, () => executor.tasks.count(gate.cells));
    await gate.arrivals();
    looping.cancel();
    await Promise.all(behind);
    expect(gate.runs).toBe(20);
  });

  it('many workers that die one after the other do not affect other tasks', async () => {
    await using executor = open('dying.js', { maxWorkers: 2 });
    const futures = Array.from({ length: 8 }, (_, i) => [executor.tasks.exit(i), executor.tasks.add(i, i)] as const);
    for (const [i, [dying, living]] of futures.entries()) {
      expect((await dying.settled()).status).toBe('rejected');
      expect(await living).toBe(2 * i);
    }
  });

  it('a worker that exits after its task has ended loses no result', async () => {
    await using executor = open('dying.js', { maxWorkers: 1 });
    expect(await executor.tasks.exitSoon()).toBe('done before the end');
    expect(await executor.tasks.add(1, 1)).toBe(2);
  });

  it('terminate() cancels tasks that run, wait and loop', async () => {
    const executor = open('gates.js', { maxWorkers: 2 });
    using gate = new Gate();
    const { add, hold, loopForever } = executor.tasks;
    const held: Future<number>[] = [loopForever(gate.cells), hold(gate.cells)];
    await gate.arrivals(2);
    const futures = [...held, ...Array.from({ length: 100 }, () => add(1, 1))];
    const done = executor.terminate();
    expect(new Set(futures.map((future) => future.state))).toEqual(new Set(['cancelled']));
    await done;
  });
});

/**
 * Returns the error that ended the task. It is the reason itself, or the cause of the worker's
 * death.
 */
function thrownBy(outcome: Outcome<unknown>): unknown {
  expect(outcome.status).toBe('rejected');
  const reason = outcome.status === 'rejected' ? outcome.reason : undefined;
  return reason instanceof WorkerDiedError ? reason.cause : reason;
}
