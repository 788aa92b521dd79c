/** A signal that outlives its tasks keeps nothing of them. */
import { getEventListeners } from 'node:events';
import { all } from 'rx-futures';
import { expect, test } from 'vitest';
import { collectUntil } from '../support/garbage.js';
import { open } from '../support/open.js';

test('one signal over 10,000 tasks leaves no listener and no warning', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on('warning', listener);
  try {
    await using executor = open('values.js');
    const { signal } = new AbortController();
    const { echo } = executor.with({ signal }).tasks;
    await all(Array.from({ length: 10_000 }, (_, i) => echo(i)));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    // Warnings are told in the next tick.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', listener);
  }
});

test('a signal keeps no future that has settled', async () => {
  await using executor = open('values.js');
  const { signal } = new AbortController();
  async function use(): Promise<WeakRef<object>> {
    const future = executor.with({ signal }).tasks.echo(1);
    await future;
    return new WeakRef(future);
  }
  const future = await use();
  await collectUntil(() => future.deref() === undefined);
  expect(signal.aborted).toBe(false);
});

test('one signal that aborts cancels all 10,000, and leaves no listener', async () => {
  await using executor = open('context.js', { maxWorkers: 1 });
  const controller = new AbortController();
  const { untilAborted } = executor.with({ signal: controller.signal }).tasks;
  const futures = Array.from({ length: 10_000 }, () => untilAborted(new Int32Array(1)));
  controller.abort(new Error('enough'));
  expect(futures.every((future) => future.state === 'cancelled')).toBe(true);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('waiting with a signal leaves no listener on it', async () => {
  await using executor = open('values.js');
  const { signal } = new AbortController();
  const future = executor.tasks.echoLater(1);
  await Promise.all([
    future.result({ signal }),
    future.settled({ signal }),
    future.result({ signal, timeout: 60_000 }),
  ]);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});
