/** A signal that outlives its tasks keeps no reference to them. */
import { getEventListeners } from 'node:events';
import { all, asCompleted, Deferred, wait } from 'rx-futures';
import { lastValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { collectUntil } from '../support/garbage.js';
import { open } from '../support/open.js';

test('a signal that 10,000 tasks shared has no listener afterwards and causes no warning', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on('warning', listener);
  try {
    await using executor = open('values.js');
    const { signal } = new AbortController();
    const { echo } = executor.with({ signal }).tasks;
    await all(Array.from({ length: 10_000 }, (_, i) => echo(i)));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    // Warnings are emitted in the next tick.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', listener);
  }
});

test('a signal keeps no reference to a settled future', async () => {
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

test('a signal that aborts cancels all 10,000 tasks and has no listener afterwards', async () => {
  await using executor = open('context.js', { maxWorkers: 1 });
  const controller = new AbortController();
  const { untilAborted } = executor.with({ signal: controller.signal }).tasks;
  const futures = Array.from({ length: 10_000 }, () => untilAborted(new Int32Array(1)));
  controller.abort(new Error('enough'));
  expect(futures.every((future) => future.state === 'cancelled')).toBe(true);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
});

test('a wait with a signal leaves no listener on the signal', async () => {
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

test('1,000 waits with one signal add one listener and cause no warning, on many futures and on one', async () => {
  const warnings: Error[] = [];
  const listener = (warning: Error) => warnings.push(warning);
  process.on('warning', listener);
  try {
    await using executor = open('values.js');
    const controller = new AbortController();
    const { signal } = controller;
    const many = Array.from({ length: 1_000 }, () => new Deferred<number>());
    const one = new Deferred<number>();
    const waits = many.flatMap(({ future }) => [
      future.result({ signal }),
      future.settled({ signal, timeout: 60_000 }),
      one.future.result({ signal }),
      executor.with({ signal }).tasks.echo(1),
    ]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await lastValueFrom(
      asCompleted(
        many.map(({ future }) => future),
        { timeout: 0 },
      ),
    ).catch(() => {});
    await wait(
      many.map(({ future }) => future),
      { timeout: 0 },
    );
    for (const deferred of many) deferred.resolve(1);
    one.resolve(1);
    await Promise.all(waits);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);

    const pending = new Deferred<number>();
    const reason = new Error('enough');
    const ends = Promise.allSettled(Array.from({ length: 1_000 }, () => pending.future.result({ signal })));
    controller.abort(reason);
    expect(new Set((await ends).map((end) => end.status === 'rejected' && end.reason))).toEqual(new Set([reason]));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect(pending.future.isSettled).toBe(false);
    await expect(pending.future.result({ signal })).rejects.toBe(reason);
    // Warnings are emitted in the next tick.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', listener);
  }
});
