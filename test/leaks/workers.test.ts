/**
 * A worker that has ended is collected together with the tasks that were in flight to it. A kept
 * error of such a worker does not keep the worker.
 */
import { filter, firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { collectUntil } from '../support/garbage.js';
import { open } from '../support/open.js';

const died = (executor: { events: import('rxjs').Observable<{ type: string }> }) =>
  firstValueFrom(executor.events.pipe(filter((event) => event.type === 'worker-died')));

test('the error of a dead worker does not keep the tasks that ran there', async () => {
  await using executor = open('dying.js', { maxWorkers: 1 });
  async function use(): Promise<[unknown, WeakRef<object>]> {
    const future = executor.tasks.exit(1);
    const error = await future.catch((reason: unknown) => reason);
    return [error, new WeakRef(future)];
  }
  const [error, future] = await use();
  await collectUntil(() => future.deref() === undefined);
  expect(error).toMatchObject({ name: 'WorkerDiedError' });
});

test('a future that was lost with its worker is reported as unobserved when it is collected', async () => {
  const reported: unknown[] = [];
  await using executor = open('dying.js', { maxWorkers: 1, onUnobservedError: (error) => reported.push(error) });
  const death = died(executor);
  void executor.tasks.exit(1);
  await death;
  await collectUntil(() => reported.length > 0);
  expect(reported).toMatchObject([{ name: 'WorkerDiedError' }]);
});

test('a worker that was terminated because of an unresponsive task is collected while the executor is open', async () => {
  await using executor = open('context.js', { maxWorkers: 1, terminateAfter: 1 });
  async function use(): Promise<WeakRef<object>> {
    const cells = new Int32Array(new SharedArrayBuffer(64));
    const death = died(executor);
    const future = executor.submit((cells: Int32Array) => {
      Atomics.store(cells, 0, 1);
      return new Promise<never>(() => {});
    }, cells);
    while (Atomics.load(cells, 0) === 0) await new Promise((resolve) => setImmediate(resolve));
    future.cancel();
    await death;
    return new WeakRef(future);
  }
  const future = await use();
  await collectUntil(() => future.deref() === undefined);
});

test('an executor that is shut down is collected together with its unobserved failures', async () => {
  async function use(): Promise<WeakRef<object>[]> {
    const executor = open('errors.js', { onUnobservedError: () => {} });
    const failed = executor.tasks.fail('nobody looks');
    await executor.shutdown();
    return [new WeakRef(executor), new WeakRef(failed)];
  }
  const refs = await use();
  await collectUntil(() => refs.every((ref) => ref.deref() === undefined));
});
