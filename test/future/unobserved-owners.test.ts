/**
 * Memory of the watch over unobserved failures. The tests have a file of their own, because
 * failures of other tests in the same process would hide a leak.
 */
import { Executor, type Future } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { collectUntil } from '../support/garbage.js';

describe('the watch over failures', () => {
  /**
   * The executor has no idle worker, because the timer of such a worker would keep the executor.
   */
  function openOne(): { executor: Executor; failed: Future<never> } {
    const executor = new Executor({ backend: inlineBackend(), idleTimeout: 0, onUnobservedError: () => {} });
    const failed = executor.submit(() => {
      throw new Error('lost');
    });
    return { executor, failed };
  }

  it('the watch adds one listener to the process, however many executors are created', async () => {
    const counts = new Set<number>();
    for (let i = 0; i < 3; i++) {
      await openOne().executor.shutdown();
      counts.add(process.listenerCount('beforeExit'));
    }
    expect(counts.size).toBe(1);
  });

  it('the watch does not keep an executor without shutdown after its failures were observed', async () => {
    async function use(): Promise<WeakRef<object>> {
      const { executor, failed } = openOne();
      await new Promise<void>((resolve) => failed.addDoneCallback(() => setImmediate(resolve)));
      expect(failed.outcome?.status).toBe('rejected');
      return new WeakRef(executor.events);
    }
    const events = await use();
    await collectUntil(() => events.deref() === undefined);
  });
});
