/** Thenables and unusual results on workers: of tasks, generators and initializers. */
import { chain, pipeline } from 'rx-futures';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { inlineBackend } from '../../src/backends/inline/backend.js';
import { open } from '../support/open.js';

describe.each([
  ['threads', () => open('thenables.js', { maxWorkers: 1 })],
  ['this thread', () => open('thenables.js', { maxWorkers: 1, backend: inlineBackend() })],
] as const)('on %s', (_, make) => {
  it('a task that returns a thenable resolves with its value, and `then` is read once', async () => {
    await using executor = make();
    const { giveThenable, giveTwofold, giveFunctionThenable, readsOfThen } = executor.tasks;
    await readsOfThen();
    for (let round = 0; round < 3; round++) {
      expect(await giveThenable()).toBe('from a thenable');
      expect(await readsOfThen()).toBe(1);
    }
    expect(await giveTwofold()).toBe('first');
    expect(await giveFunctionThenable()).toBe('from a function');
  });

  it('a step that returns a thenable passes its value on, and `then` is read once', async () => {
    await using executor = make();
    const { giveThenable, passOn, readsOfThen } = executor.tasks;
    await readsOfThen();
    expect(await giveThenable().pipe(chain(passOn))).toBe('from a thenable');
    expect(await readsOfThen()).toBe(1);
    expect(await pipeline(giveThenable, passOn)()).toBe('from a thenable');
    expect(await readsOfThen()).toBe(1);
  });

  it.each([
    ['giveThrowingThen', 'then threw'],
    ['giveThrowingGetter', 'the getter threw'],
    ['giveRevokedProxy', /revoked/],
    ['giveRevokedProxyLater', /revoked/],
  ] as const)(
    '%s rejects its future, even in the middle of a job tree, and the worker continues',
    async (name, message) => {
      await using executor = make();
      const task = executor.tasks[name];
      await expect(task()).rejects.toThrow(message);
      await expect(task().pipe(chain(executor.tasks.passOn))).rejects.toThrow(message);
      await expect(pipeline(task, executor.tasks.passOn)()).rejects.toThrow(message);
      expect(await executor.tasks.passOn(1)).toBe(1);
    },
  );

  it('a generator that yields promises emits their values', async () => {
    await using executor = make();
    const { yieldPromises, readsOfThen } = executor.tasks;
    await readsOfThen();
    expect(await all(yieldPromises.stream() as never)).toEqual([1, 2, 3]);
    expect(await readsOfThen()).toBe(1);
  });

  it('a generator that yields a rejected promise fails, and its `finally` runs', async () => {
    await using executor = make();
    const seen: unknown[] = [];
    const stream = executor.tasks.yieldRejection.stream();
    await expect(stream.forEach((value) => void seen.push(value))).rejects.toThrow('yielded');
    expect(seen).toEqual([1]);
    expect(await executor.tasks.readsOfThen()).toBe(-1);
  });

  it('a generator that yields an object whose `then` throws fails', async () => {
    await using executor = make();
    await expect(all(executor.tasks.yieldThrowingGetter.stream() as never)).rejects.toThrow('the getter threw');
  });

  it('a stream of a task that returns a thenable reads `then` once', async () => {
    await using executor = make();
    await executor.tasks.readsOfThen();
    expect(await all(executor.tasks.giveThenable.stream())).toEqual(['from a thenable']);
    expect(await executor.tasks.readsOfThen()).toBe(1);
  });

  it('a stream of an Observable of another library emits its values', async () => {
    await using executor = make();
    expect(await all(executor.tasks.giveForeignObservable.stream())).toEqual([1, 2]);
  });
});

it('an initializer that returns a thenable is awaited', async () => {
  await using executor = open('thenables.js', { maxWorkers: 1, initializer: 'thenableInitializer' });
  expect(await executor.tasks.readsOfThen()).toBe(1);
});

it('an initializer that returns an object whose `then` throws breaks the executor', async () => {
  await using executor = open('thenables.js', { maxWorkers: 1, initializer: 'hostileInitializer' });
  await expect(executor.ready()).rejects.toThrow(/"hostileInitializer" failed.*the getter threw/s);
});

it('a revoked Proxy as an argument rejects the future', async () => {
  await using executor = open('thenables.js', { maxWorkers: 1 });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  await expect(executor.tasks.passOn(proxy)).rejects.toBeInstanceOf(Error);
  await expect(executor.tasks.passOn({ proxy })).rejects.toBeInstanceOf(Error);
  await expect(all(executor.map('passOn', [1, proxy], { settle: true }))).resolves.toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected' },
  ]);
});

function all<T>(stream: import('rxjs').Observable<T>): Promise<T[]> {
  return lastValueFrom(stream.pipe(toArray()));
}
