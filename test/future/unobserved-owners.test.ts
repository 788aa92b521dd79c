/** Whom the watch over unobserved failures remembers. In a file of its own: in a process where others have failed, it shows less. */
import { Executor, type Future } from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { describe, expect, it } from 'vitest';
import { collectUntil } from '../support/garbage.js';

describe('the watch over failures', () => {
  /** Without a worker that idles: its timer would hold the executor. */
  function openOne(): { executor: Executor; failed: Future<never> } {
    const executor = new Executor({ backend: inlineBackend(), idleTimeout: 0, onUnobservedError: () => {} });
    const failed = executor.submit(() => {
      throw new Error('lost');
    });
    return { executor, failed };
  }

  it('listens to the process once, however many executors come and go', async () => {
    const counts = new Set<number>();
    for (let i = 0; i < 3; i++) {
      await openOne().executor.shutdown();
      counts.add(process.listenerCount('beforeExit'));
    }
    expect(counts.size).toBe(1);
  });

  it('does not keep an executor that is never shut down, once its failures were looked at', async () => {
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
