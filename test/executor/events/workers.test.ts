/** The events `worker-recycled` and `worker-died`. */
import { describe, expect, it } from 'vitest';
import { record } from '../../support/events.js';
import { Gate } from '../../support/gate.js';
import { open } from '../../support/open.js';

describe('worker-recycled', () => {
  it('a worker that has run maxTasksPerWorker tasks is recycled with reason max-tasks, and ends', async () => {
    const executor = open('gates.js', { name: 'crew', maxWorkers: 1, maxTasksPerWorker: 2 });
    const { seen } = record(executor);
    await Promise.all([1, 2, 3].map((n) => executor.tasks.add(n, n)));
    await executor.shutdown();
    const life = (worker: string) =>
      seen
        .filter((event) => !('id' in event) && event.worker === worker)
        .map((event) => (event.type === 'worker-recycled' ? `${event.type}: ${event.reason}` : event.type));
    expect(life('crew-1')).toEqual(['worker-spawned', 'worker-ready', 'worker-recycled: max-tasks', 'worker-ended']);
    expect(life('crew-2')).toEqual(['worker-spawned', 'worker-ready', 'worker-ended']);
  });

  it('a worker with an uncaught error is recycled with reason uncaught-error, and dies', async () => {
    const executor = open('dying.js', { name: 'crew', maxWorkers: 1 });
    const { of, types } = record(executor);
    await executor.tasks.throwInTimer().settled();
    await executor.shutdown();
    expect(of('worker-recycled')).toMatchObject([{ worker: 'crew-1', reason: 'uncaught-error' }]);
    expect(of('worker-died')).toMatchObject([{ worker: 'crew-1', error: { message: 'thrown in a timer' } }]);
    expect(types().indexOf('worker-recycled')).toBeLessThan(types().indexOf('worker-died'));
  });

  it('a worker that a cancelled task blocks is recycled with reason unresponsive, and dies', async () => {
    const executor = open('gates.js', { name: 'crew', maxWorkers: 1, terminateAfter: 5 });
    using gate = new Gate();
    const { of, types } = record(executor);
    const looping = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    looping.cancel();
    expect(await executor.tasks.add(1, 1)).toBe(2);
    await executor.shutdown();
    expect(of('worker-recycled')).toMatchObject([{ worker: 'crew-1', reason: 'unresponsive' }]);
    expect(types().indexOf('worker-recycled')).toBeLessThan(types().indexOf('worker-died'));
    expect(of('worker-died')).toMatchObject([{ worker: 'crew-1', exitCode: 1 }]);
    expect(of('worker-ended')).toMatchObject([{ worker: 'crew-2', exitCode: 0 }]);
  });
});

describe('worker-died', () => {
  it('worker-died contains the exit code, or the uncaught error', async () => {
    const executor = open('dying.js', { name: 'crew', maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 16 } });
    const { of } = record(executor);
    await executor.tasks.exit(9).settled();
    await executor.tasks.exhaustMemory().settled();
    await executor.shutdown();
    expect(of('worker-died')).toMatchObject([
      { worker: 'crew-1', exitCode: 9, error: undefined },
      { worker: 'crew-2', exitCode: 1, error: { code: 'ERR_WORKER_OUT_OF_MEMORY' } },
    ]);
  });

  it('worker-died contains the signal that ended a child process', async () => {
    const executor = open('dying.js', { name: 'crew', maxWorkers: 1, runtime: 'child_process' });
    const { of } = record(executor);
    await executor.submit(() => process.kill(process.pid, 'SIGKILL')).settled();
    await executor.shutdown();
    expect(of('worker-died')).toMatchObject([{ worker: 'crew-1', exitCode: undefined, signal: 'SIGKILL' }]);
    expect(of('worker-died')[0]!.threadId).toBeGreaterThan(0);
  });
});
