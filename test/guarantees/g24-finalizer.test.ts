/** G24 Finalizer: it runs once on every worker that ends in an orderly way, after its last task. */
import { BrokenExecutorError, type ExecutorOptions, TimeoutError, WorkerDiedError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { next } from '../support/events.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

const START = 1;
const TASK = 2;
const FINALIZER = 3;

function openFinalized(gate: Gate, options: ExecutorOptions = {}) {
  const own = { maxWorkers: 1, initializer: 'open', initArgs: [gate.cells], finalizer: 'close' };
  return open('finalized.js', { ...own, ...options });
}

/** Collects what `onUnobservedError` receives. */
function collect() {
  const errors: { error: unknown; id: number; name: string }[] = [];
  const onUnobservedError: ExecutorOptions['onUnobservedError'] = (error, task) => void errors.push({ error, ...task });
  return { errors, onUnobservedError };
}

describe.concurrent('G24 Finalizer', () => {
  it('shutdown() waits until the finalizer has run after the last task, without arguments', async () => {
    using gate = new Gate();
    const executor = openFinalized(gate);
    executor.tasks.work();
    await executor.shutdown();
    expect(gate.notes).toEqual([START, TASK, FINALIZER]);
  });

  it('the finalizer runs once on each worker', async () => {
    using gate = new Gate();
    const executor = openFinalized(gate, { maxWorkers: 2, minWorkers: 2 });
    await executor.ready();
    await executor.shutdown();
    expect(gate.notes.sort()).toEqual([START, START, FINALIZER, FINALIZER]);
  });

  it('the finalizer runs on a worker that ends after idleTimeout', async () => {
    using gate = new Gate();
    await using executor = openFinalized(gate, { idleTimeout: 1 });
    const ended = next(executor, 'worker-ended');
    await executor.tasks.work();
    await ended;
    expect(gate.notes).toEqual([START, TASK, FINALIZER]);
  });

  it('the finalizer runs on a worker that has run maxTasksPerWorker tasks, and shutdown() waits for it', async () => {
    using gate = new Gate();
    const executor = openFinalized(gate, { maxTasksPerWorker: 1 });
    await executor.tasks.work();
    await executor.shutdown();
    expect(gate.notes).toEqual([START, TASK, FINALIZER]);
  });

  it('terminate() waits for the finalizer of an idle worker and of a worker whose task stops', async () => {
    using gate = new Gate();
    const executor = openFinalized(gate, { maxWorkers: 2, minWorkers: 2 });
    await executor.ready();
    const running = executor.tasks.linger(gate.cells);
    await gate.arrivals();
    const closed = executor.terminate();
    expect(running.state).toBe('cancelled');
    gate.open();
    await closed;
    expect(gate.notes.filter((note) => note === FINALIZER)).toHaveLength(2);
    expect(gate.notes.at(-1)).toBe(FINALIZER);
  });

  it('terminate() kills a worker whose task does not stop within finalizeTimeout, without its finalizer', async () => {
    using gate = new Gate();
    const executor = openFinalized(gate, { finalizeTimeout: 100 });
    const looping = executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    await executor.terminate();
    expect([looping.state, gate.notes]).toEqual(['cancelled', [START]]);
  });

  it('terminate() without a finalizer does not wait for a task that does not stop', async () => {
    using gate = new Gate();
    const executor = openFinalized(gate, { finalizer: undefined, finalizeTimeout: 60_000, terminateAfter: 60_000 });
    executor.tasks.loopForever(gate.cells);
    await gate.arrivals();
    await executor.terminate();
    expect(gate.notes).toEqual([START]);
  });

  it('a worker that is starting at shutdown() runs its finalizer, because its initializer runs too', async () => {
    using gate = new Gate();
    const executor = openFinalized(gate, { minWorkers: 1 });
    await next(executor, 'worker-spawned');
    await executor.shutdown();
    expect(gate.notes).toEqual([START, FINALIZER]);
  });
});

describe.concurrent('G24 Finalizer: a finalizer that fails', () => {
  it('an error of the finalizer goes to onUnobservedError with the name of the finalizer', async () => {
    using gate = new Gate();
    const { errors, onUnobservedError } = collect();
    const executor = openFinalized(gate, { finalizer: 'closeBadly', onUnobservedError });
    await executor.tasks.work();
    await executor.shutdown();
    expect(errors).toEqual([{ error: expect.any(RangeError), id: 0, name: 'closeBadly' }]);
  });

  it.each(['closeForever', 'closeInALoop'])('a worker is terminated after finalizeTimeout: %s', async (finalizer) => {
    using gate = new Gate();
    const { errors, onUnobservedError } = collect();
    const executor = openFinalized(gate, { finalizer, finalizeTimeout: 50, onUnobservedError });
    await executor.tasks.work();
    await executor.shutdown();
    expect(errors).toEqual([{ error: expect.any(TimeoutError), id: 0, name: finalizer }]);
    expect((errors[0]!.error as Error).message).toMatch(
      /^Finalizer "close.*" needed more than 50 ms.*Increase finalizeTimeout/,
    );
  });

  it('a finalizer that ends its worker with a code is a WorkerDiedError', async () => {
    using gate = new Gate();
    const { errors, onUnobservedError } = collect();
    const executor = openFinalized(gate, { finalizer: 'closeByExit', onUnobservedError });
    await executor.tasks.work();
    await executor.shutdown();
    expect(errors).toMatchObject([{ error: { code: 'ERR_WORKER_DIED', exitCode: 7 }, name: 'closeByExit' }]);
    expect(errors[0]!.error).toBeInstanceOf(WorkerDiedError);
  });

  it('a wrong name breaks the executor before the initializer runs, and the error lists the exports', async () => {
    using gate = new Gate();
    const executor = openFinalized(gate, { finalizer: 'closed' });
    const broken = executor.ready();
    await expect(broken).rejects.toBeInstanceOf(BrokenExecutorError);
    await expect(broken).rejects.toThrow(/Finalizer "closed" could not be found.*has no export "closed".*close/);
    expect([executor.state, gate.notes]).toEqual(['broken', []]);
  });

  it('no finalizer runs on a worker whose initializer has failed', async () => {
    using gate = new Gate();
    const { errors, onUnobservedError } = collect();
    const executor = openFinalized(gate, { initializer: 'openBadly', onUnobservedError });
    await expect(executor.ready()).rejects.toBeInstanceOf(BrokenExecutorError);
    await executor.shutdown();
    expect([gate.notes, errors]).toEqual([[START], []]);
  });
});
