/** The context of tasks: a value beside the arguments. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { chain, pipeline, SerializationError } from 'rx-futures';
import { lastValueFrom, toArray } from 'rxjs';
import { expect } from 'vitest';
import type { Suite } from '../describe-backend.js';

const storage = new AsyncLocalStorage<string>();

export function context({ it, open }: Suite): void {
  it('a task reads the context of its submit, before and after an await', async () => {
    await using executor = open('context.js', { concurrency: 4, context: () => ({ id: storage.getStore() }) });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const read = await Promise.all(ids.map((id) => storage.run(id, () => executor.tasks.readContext())));
    expect(read).toEqual(ids.map((id) => [{ id }, { id }]));
  });

  it('a task without a context reads undefined', async () => {
    await using executor = open('context.js');
    const bound = executor.with({ context: 'mine' });
    const { readContext } = executor.tasks;
    // The three are sent in one message.
    expect(await Promise.all([readContext(), bound.tasks.readContext(), readContext()])).toEqual([
      [undefined, undefined],
      ['mine', 'mine'],
      [undefined, undefined],
    ]);
  });

  it('with({ context }) takes precedence over the option, and is copied at the submit', async () => {
    await using executor = open('context.js', { context: () => 'general' });
    const { readContext } = executor.tasks;
    const context = { request: 1, bytes: new Uint8Array([1, 2]), at: new Date(3) };
    const future = readContext.with({ context })();
    context.request = 2;
    const expected = { request: 1, bytes: new Uint8Array([1, 2]), at: new Date(3) };
    expect(await future).toEqual([expected, expected]);
    for (const value of [0, '', false, null])
      expect(await readContext.with({ context: value })()).toEqual([value, value]);
    expect(await readContext()).toEqual(['general', 'general']);
  });

  it('each step of a chain and of a pipeline reads the context of the code that built it', async () => {
    await using executor = open('context.js', { maxWorkers: 1, context: () => storage.getStore() });
    const { readContext, addContext } = executor.tasks;
    const head = storage.run('head', () => readContext());
    const middle = storage.run('middle', () => head.pipe(chain(addContext), chain(addContext)));
    const last = storage.run('last', () => middle.pipe(chain(addContext.with({ retry: 1 }))));
    expect(await last).toEqual(['head', 'head', 'middle', 'middle', 'last']);
    const end = storage.run('late', () => head.pipe(chain(addContext), chain(addContext.with({ context: 'own' }))));
    expect(await end).toEqual(['head', 'head', 'late', 'own']);
    const line = pipeline(readContext, addContext.with({ context: 'own' }), addContext.with({ retry: 1 }), addContext);
    expect(await storage.run('whole', () => line())).toEqual(['whole', 'whole', 'own', 'whole', 'whole']);
  });

  it('the runs of a map and of a stream read the context of their reader', async () => {
    await using executor = open('context.js', { maxWorkers: 1, context: () => storage.getStore() });
    const inputs = Array.from({ length: 20 }, (_, i) => i);
    const mapped = executor.map('readContext', inputs, { concurrency: 2 });
    const read = (name: string) => storage.run(name, () => lastValueFrom(mapped.pipe(toArray())));
    const [a, b] = await Promise.all([read('a'), read('b')]);
    expect(a).toEqual(inputs.map(() => ['a', 'a']));
    expect(b).toEqual(inputs.map(() => ['b', 'b']));
    const streamed = storage.run('s', () => lastValueFrom(executor.tasks.yieldContext.stream().pipe(toArray())));
    expect(await streamed).toEqual(['s', 's']);
  });

  it('every attempt of a task reads the context of its submit', async () => {
    let calls = 0;
    await using executor = open('context.js', { context: () => ++calls });
    expect(await executor.tasks.contextOfAttempt.with({ retry: 3 })(3)).toBe(1);
    expect(calls).toBe(1);
  });

  it('a context that cannot be sent rejects the future with a SerializationError that names the part', async () => {
    await using executor = open('context.js', { context: () => ({ then: { id: () => {} } }) });
    const error = await executor.tasks.readContext().catch((error) => error);
    expect(error).toBeInstanceOf(SerializationError);
    expect(error).toMatchObject({ path: 'context.then.id' });
    const { readContext } = executor.tasks;
    await expect(readContext.with({ context: Promise.resolve(1) })()).rejects.toMatchObject({ path: 'context' });
    expect(await readContext.with({ context: 1 })()).toEqual([1, 1]);
  });

  it('a context function that throws rejects the future with its error', async () => {
    const fault = new Error('no request');
    await using executor = open('context.js', {
      context: () => {
        throw fault;
      },
    });
    const future = executor.tasks.readContext();
    const step = future.pipe(chain(executor.tasks.addContext));
    await expect(future).rejects.toBe(fault);
    await expect(step).rejects.toBe(fault);
  });
}
