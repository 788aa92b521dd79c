/** The event `task-retried`. */
import { describe, expect, it } from 'vitest';
import { record } from '../../support/events.js';
import { Gate } from '../../support/gate.js';
import { open } from '../../support/open.js';

describe('task-retried', () => {
  it('task-retried contains the failed attempt, its time, its error, and the ms until the next attempt', async () => {
    await using executor = open('gates.js', { maxWorkers: 1 });
    using gate = new Gate();
    const { of } = record(executor);
    const delay = (attempt: number) => attempt / 2;
    const future = executor.tasks.failUntil.with({ retry: { count: 5, delay } })(gate.cells, 3);
    await future;
    const ran = expect.any(Number);
    expect(of('task-retried').map(({ type, at, executor, ...data }) => data)).toEqual([
      { id: future.id, name: 'failUntil', attempt: 1, delay: 0.5, ran, error: new Error('run 1 failed') },
      { id: future.id, name: 'failUntil', attempt: 2, delay: 1, ran, error: new Error('run 2 failed') },
    ]);
  });
});
