/** The state of an executor while its workers still end. */
import { ExecutorShutdownError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

describe('the state of an executor', () => {
  it('an executor is closed when its tasks have settled, although a worker still runs its finalizer', async () => {
    using gate = new Gate();
    const executor = open('finalized.js', {
      maxWorkers: 1,
      initializer: 'open',
      initArgs: [gate.cells],
      finalizer: 'closeAtGate',
      finalizeTimeout: 60_000,
    });
    const future = executor.tasks.work();
    let isDone = false;
    const closing = executor.shutdown().then(() => {
      isDone = true;
    });
    expect(executor.state).toBe('draining');
    await gate.arrivals();
    expect([future.state, executor.state, isDone]).toEqual(['fulfilled', 'closed', false]);
    expect(executor.stats().workers).toMatchObject({ leaving: 1 });
    expect(() => executor.tasks.work()).toThrow(ExecutorShutdownError);
    gate.open();
    await closing;
    expect([executor.state, gate.notes]).toEqual(['closed', [1, 2, 3]]);
  });
});
