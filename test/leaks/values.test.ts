/**
 * G15: the executor keeps no settled future. A settled future keeps no arguments and no callbacks.
 */
import { all, chain, type Future } from 'rx-futures';
import { expect, test } from 'vitest';
import { collectUntil } from '../support/garbage.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

const isGone = (...refs: WeakRef<object>[]) => collectUntil(() => refs.every((ref) => ref.deref() === undefined));
const MEGABYTE = 2 ** 20;
const bytes = () => process.memoryUsage().arrayBuffers;

test('a future, its argument and its result are collected after use while the executor is open', async () => {
  await using executor = open('values.js');
  async function use(): Promise<WeakRef<object>[]> {
    const argument = { text: 'mine' };
    const future = executor.tasks.echoLater(argument);
    return [new WeakRef(argument), new WeakRef(future), new WeakRef((await future) as object)];
  }
  await isGone(...(await use()));
});

test('a future that was never observed is collected', async () => {
  await using executor = open('values.js');
  const dropped = new WeakRef(executor.tasks.echo({}));
  await isGone(dropped);
});

test('a future that was cancelled in the queue is collected', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  using gate = new Gate();
  void executor.tasks.hold(gate.cells);
  await gate.arrivals();
  function use(): WeakRef<object> {
    const queued = executor.tasks.double(1);
    queued.cancel();
    return new WeakRef(queued);
  }
  await isGone(use());
});

test('a future that was cancelled while running is collected after its task has ended, for any terminateAfter', async () => {
  await using executor = open('context.js', { maxWorkers: 1, terminateAfter: 3_600_000 });
  const cells = new Int32Array(new SharedArrayBuffer(1024));
  async function use(): Promise<WeakRef<object>> {
    const running = executor.tasks.untilAborted(cells);
    while (running.state !== 'running') await new Promise((resolve) => setImmediate(resolve));
    running.cancel();
    return new WeakRef(running);
  }
  await isGone(await use());
});

test('a future that is kept does not keep its arguments', async () => {
  await using executor = open('values.js', { maxWorkers: 1 });
  const before = bytes();
  const kept: Future<unknown>[] = [];
  for (let i = 0; i < 64; i++) kept.push(executor.tasks.sum(new Uint8Array(MEGABYTE)));
  await all(kept);
  await collectUntil(() => {
    // The memory of moved bytes counts on the thread that created them, until the worker that
    // received them collects them.
    void executor.submit(() => (globalThis as { gc?: () => void }).gc!());
    return bytes() - before < 4 * MEGABYTE;
  });
  expect(kept).toHaveLength(64);
});

test('a worker keeps no arguments or results of tasks that it has run', async () => {
  await using executor = open('values.js', { maxWorkers: 1 });
  const held = () => {
    // The worker's count includes moved results until this thread collects them.
    globalThis.gc!();
    return executor.submit(() => {
      (globalThis as { gc?: () => void }).gc!();
      return process.memoryUsage().arrayBuffers;
    });
  };
  const before = await held();
  for (let i = 0; i < 32; i++) await executor.tasks.echo(new Uint8Array(MEGABYTE));
  let now = await held();
  // The memory of buffers is released some time after a collection.
  for (let round = 0; round < 50 && now - before > 4 * MEGABYTE; round++) now = await held();
  expect(now - before).toBeLessThan(4 * MEGABYTE);
});

test('the end of a chain does not keep its start', async () => {
  await using executor = open('values.js');
  async function use(): Promise<[Future<unknown>, WeakRef<object>]> {
    const head = executor.tasks.echo({ a: 1 });
    const end = head.pipe(
      chain((value) => ({ ...(value as object), b: 2 })),
      chain(executor.tasks.echoLater),
    );
    await end;
    return [end, new WeakRef(head)];
  }
  const [end, head] = await use();
  await isGone(head);
  expect(await end).toEqual({ a: 1, b: 2 });
});

test('a settled future does not keep its callbacks and subscribers', async () => {
  await using executor = open('values.js');
  const future = executor.tasks.echoLater('x');
  function look(): WeakRef<object>[] {
    const callback = () => {};
    const observer = { next() {} };
    future.addDoneCallback(callback);
    future.subscribe(observer);
    return [new WeakRef(callback), new WeakRef(observer)];
  }
  const refs = look();
  await future;
  await isGone(...refs);
});

test('the result of a combinator does not keep the futures', async () => {
  await using executor = open('values.js');
  async function use(): Promise<[Future<unknown>, WeakRef<object>[]]> {
    const members = [1, 2, 3].map((n) => executor.tasks.echoLater(n));
    const gathered = all(members);
    await gathered;
    return [gathered, members.map((member) => new WeakRef(member))];
  }
  const [gathered, members] = await use();
  await isGone(...members);
  expect(await gathered).toEqual([1, 2, 3]);
});
