/**
 * G18 Shared: a shared value is sent to each worker at most once. It arrives as it was when `share`
 * was called. After `dispose`, no worker holds it.
 */
import {
  all,
  chain,
  Executor,
  type ExecutorOptions,
  ExecutorShutdownError,
  Future,
  pipeline,
  SerializationError,
  type Shared,
} from 'rx-futures';
import { inlineBackend } from 'rx-futures/testing';
import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/backend.js';
import { processesBackend } from '../../src/backends/processes/backend.js';
import { threadsBackend } from '../../src/backends/threads/backend.js';
import type { ToWorker } from '../../src/protocol/messages.js';
import { collectUntil } from '../support/garbage.js';
import { Gate } from '../support/gate.js';
import { open } from '../support/open.js';

/** A backend that notes the `share` and `unshare` messages of each worker. */
function noted(backend: Backend, notes: string[]): Backend {
  let workers = 0;
  return {
    ...backend,
    open(config, options, listener) {
      const worker = ++workers;
      const session = backend.open(config, options, listener);
      const post = session.post.bind(session);
      session.post = (message: ToWorker, transfer) => {
        if (message.type === 'share' || message.type === 'unshare') notes.push(`${message.type} ${worker}`);
        post(message as never, transfer as never);
      };
      return session;
    },
  };
}

function openNoted(options: ExecutorOptions = {}) {
  const notes: string[] = [];
  const backend = noted(threadsBackend(), notes);
  return { notes, executor: open('shared.js', { backend, ...options }) };
}

describe('G18 Shared', () => {
  it('each worker receives a shared value once, whatever the number of tasks', async () => {
    const { notes, executor } = openNoted({ minWorkers: 2 });
    await executor.ready();
    const shared = executor.share({ list: [1] });
    const results = await all(Array.from({ length: 200 }, (_, i) => executor.tasks.identify(shared, i)));
    expect(results.map(({ extra }) => extra)).toEqual(results.map((_, i) => i));
    expect(new Set(results.map(({ number }) => number))).toEqual(new Set([1]));
    const workers = new Set(results.map(({ worker }) => worker));
    expect(notes).toHaveLength(workers.size);
    await executor.shutdown();
  });

  it('a worker whose tasks do not use a shared value does not receive it', async () => {
    const { notes, executor } = openNoted({ maxWorkers: 1 });
    executor.share({ list: [1] });
    await executor.tasks.plus([1], 1);
    expect(notes).toEqual([]);
    await executor.shutdown();
  });

  it('a shared value arrives as it was when share() was called', async () => {
    await using executor = open('shared.js', { maxWorkers: 1 });
    const value = { list: [1, 2], deep: { map: new Map([['a', 1]]) } };
    const shared = executor.share(value);
    value.list.push(3);
    value.deep.map.clear();
    expect(await executor.tasks.echo(shared)).toEqual({ list: [1, 2], deep: { map: new Map([['a', 1]]) } });
  });

  it('primitives, arrays, Maps, Dates and errors can be shared', async () => {
    await using executor = open('shared.js', { maxWorkers: 1 });
    for (const value of [0, '', undefined, null, [], new Map(), new Date(5), 'text', 10n, new RangeError('mine')])
      expect(await executor.tasks.echo(executor.share(value))).toEqual(value);
  });

  it('a shared value is read-only at any depth', async () => {
    await using executor = open('shared.js', { maxWorkers: 1 });
    const value = { name: 'a', list: [{}], map: new Map([['a', [1]]]), set: new Set([1]) };
    const shared = executor.share(value);
    expect(await executor.tasks.mutate(shared)).toEqual(new Array(7).fill('TypeError'));
    expect(await executor.tasks.echo(shared)).toEqual(value);
  });

  it('large byte arrays are in memory that all threads share, and small ones are copied', async () => {
    await using executor = open('shared.js', { minWorkers: 2 });
    await executor.ready();
    const large = 64 * 1024;
    const data = new ArrayBuffer(large);
    const shared = executor.share({
      bytes: Buffer.alloc(large),
      data,
      view: new DataView(data),
      small: new Uint8Array(large - 1),
    });
    expect(await executor.tasks.kinds(shared)).toEqual([
      `Uint8Array on SharedArrayBuffer of ${large}`,
      `SharedArrayBuffer on SharedArrayBuffer of ${large}`,
      `DataView on SharedArrayBuffer of ${large}`,
      `Uint8Array on ArrayBuffer of ${large - 1}`,
    ]);
    expect(await executor.tasks.writeByte(shared, 7)).toBe(true);
    expect(await executor.broadcast('readByte', shared)).toEqual([7, 7]);
  });

  it('dispose() frees a shared value on its worker after the tasks that use it have settled', async () => {
    using gate = new Gate();
    const { notes, executor } = openNoted({ maxWorkers: 1 });
    const shared = executor.share([1]);
    const running = executor.tasks.identifyLater(shared, gate.cells);
    const waiting = executor.tasks.plus(shared, 1);
    await gate.arrivals();
    shared.dispose();
    shared.dispose();
    expect(notes).toEqual(['share 1']);
    gate.open();
    expect(await running).toBe(1);
    expect(await waiting).toBe(2);
    expect(notes).toEqual(['share 1', 'unshare 1']);
    await executor.shutdown();
  });

  it('a task that waits for a Future uses a shared value from its submit on', async () => {
    const { notes, executor } = openNoted({ maxWorkers: 1 });
    const shared = executor.share([1]);
    const sum = executor.tasks.plus(shared, executor.tasks.plus([1], 1));
    shared.dispose();
    expect(await sum).toBe(3);
    expect(notes).toEqual(['share 1', 'unshare 1']);
    await executor.shutdown();
  });

  it('a task that is cancelled no longer uses a shared value', async () => {
    using gate = new Gate();
    const { notes, executor } = openNoted({ maxWorkers: 1 });
    const shared = executor.share([1]);
    const running = executor.tasks.holdWith(gate.cells, shared);
    const waiting = executor.tasks.plus(shared, 1);
    await gate.arrivals();
    shared.dispose();
    waiting.cancel();
    expect(notes).toEqual(['share 1']);
    gate.open();
    await running;
    expect(notes).toEqual(['share 1', 'unshare 1']);
    await executor.shutdown();
  });

  it('the memory of a shared value is free on the worker after dispose()', async () => {
    await using executor = open('shared.js', { maxWorkers: 1 });
    const before = await executor.tasks.heapUsed();
    const shared = executor.share(Array.from({ length: 50_000 }, (_, i) => ({ i, text: `number ${i}` })));
    await executor.tasks.identify(shared);
    const between = await executor.tasks.heapUsed();
    expect(between - before).toBeGreaterThan(3e6);
    shared.dispose();
    expect((await executor.tasks.heapUsed()) - before).toBeLessThan((between - before) / 10);
  });

  it('a Shared that is garbage-collected is disposed of', async () => {
    const { notes, executor } = openNoted({ maxWorkers: 1 });
    await executor.tasks.identify(executor.share({}));
    await collectUntil(() => notes.includes('unshare 1'));
    await executor.shutdown();
  });

  it('the value of a using declaration is disposed of at the end of its block', async () => {
    await using executor = open('shared.js', { maxWorkers: 1 });
    let kept: Shared<number[]>;
    {
      using shared = executor.share([1]);
      kept = shared;
      expect(await executor.tasks.plus(shared, 1)).toBe(2);
    }
    expect(() => executor.tasks.plus(kept, 1)).toThrow(/was disposed of/);
  });

  it('a call throws a TypeError for a value that was disposed of, and a stream or a map rejects with one', async () => {
    await using executor = open('shared.js', { maxWorkers: 1 });
    const shared = executor.share([1]);
    const stream = executor.tasks.items.stream(shared);
    shared.dispose();
    const late = [
      () => executor.tasks.plus(shared, 1),
      () => executor.tasks.plus(shared, Future.resolve(1)),
      () => executor.submit('plus', shared, 1),
      () => executor.tasks.items.stream(shared),
      () => executor.broadcast('plus', shared, 1),
      () => pipeline(executor.tasks.plus, executor.tasks.echo)(shared, 1),
    ];
    for (const call of late) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(`Shared "${shared.name}" was disposed of`);
    }
    await expect(lastValueFrom(stream)).rejects.toThrow(/was disposed of/);
    await expect(lastValueFrom(executor.map('identify', [shared]))).rejects.toThrow(/was disposed of/);
  });

  it('a call throws a TypeError for a value of another executor, and names both executors', async () => {
    await using executor = open('shared.js', { name: 'mine' });
    await using other = open('shared.js', { name: 'other' });
    const shared = other.share([1]);
    expect(() => executor.tasks.plus(shared, 1)).toThrow(TypeError);
    expect(() => executor.tasks.plus(shared, 1)).toThrow(/belongs to executor "other".* of executor "mine"/);
  });

  it('a call throws a TypeError for a Shared inside another value, and share() throws one for a Shared', async () => {
    await using executor = open('shared.js');
    const shared = executor.share([1]);
    const nested: any = { index: shared };
    const calls = [
      () => executor.tasks.echo(nested),
      () => executor.tasks.echo.with({ retry: 3 })(nested),
      () => executor.tasks.echo([shared]),
      () => executor.submit('identify', nested, Future.resolve(1)),
      () => executor.stream('echo', nested),
      () => executor.broadcast('echo', nested),
      () => executor.share(nested),
      () => executor.share(new Map([[1, shared]])),
      () => executor.with({ context: shared }).submit('echo', 1),
    ];
    for (const call of calls) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(/Shared "shared-\d+", which must be an argument of its own/);
    }
    expect(() => executor.share(shared)).toThrow(/is shared already/);
    expect(() => new Executor({ initArgs: [shared] })).toThrow(/must be an argument of its own/);
  });

  it("share() throws a SerializationError for a value that can't be copied", async () => {
    await using executor = open('shared.js');
    expect(() => executor.share({ call: () => 1 })).toThrow(SerializationError);
    expect(() => executor.share({ call: () => 1 })).toThrow(/value\.call is the function "call"/);
  });

  it('tasks of submit, map, stream, pipeline, broadcast, chains and retries receive a shared value', async () => {
    using gate = new Gate();
    await using executor = open('shared.js', { maxWorkers: 1 });
    const { plus, echo, identify, items, failOnce } = executor.tasks;
    using shared = executor.share([1, 2]);
    expect(await plus(shared, 1)).toBe(2);
    expect(await lastValueFrom(executor.map(identify, [shared, shared]).pipe(toArray()))).toMatchObject([
      { number: 1 },
      { number: 1 },
    ]);
    expect(await lastValueFrom(items.stream(shared).pipe(toArray()))).toEqual([1, 2]);
    expect(await pipeline(plus, echo)(shared, 2)).toBe(3);
    expect(await executor.broadcast(plus, shared, 3)).toEqual([4]);
    expect(await plus(shared, plus(shared, 1))).toBe(3);
    expect(await plus(shared, 1).pipe(chain(echo))).toBe(2);
    expect(await failOnce.with({ retry: 1 })(shared, gate.cells)).toBe(2);
  });

  it('a worker that replaces another one receives a shared value again', async () => {
    using gate = new Gate();
    const { notes, executor } = openNoted({ maxWorkers: 1 });
    const shared = executor.share([1, 2]);
    expect(await executor.tasks.exitOnce.with({ retry: 1 })(shared, gate.cells)).toBe(2);
    expect(notes).toEqual(['share 1', 'share 2']);
    shared.dispose();
    expect(notes).toEqual(['share 1', 'share 2', 'unshare 2']);
    await executor.shutdown();
  });

  it('a task that moves to another worker receives its shared value there', async () => {
    using gate = new Gate();
    const { notes, executor } = openNoted({ maxWorkers: 2 });
    const shared = executor.share([1, 2]);
    const blocked = executor.tasks.holdWith(gate.cells, shared);
    await gate.arrivals();
    const others = Array.from({ length: 20 }, (_, i) => executor.tasks.plus(shared, i));
    expect(await all(others)).toEqual(others.map((_, i) => 1 + i));
    gate.open();
    await blocked;
    expect(notes.sort()).toEqual(['share 1', 'share 2']);
    await executor.shutdown();
  });

  it('share() throws after shutdown(), and dispose() still returns', async () => {
    const executor = open('shared.js');
    const shared = executor.share([1]);
    await executor.tasks.plus(shared, 1);
    await executor.shutdown();
    shared.dispose();
    expect(() => executor.share([1])).toThrow(ExecutorShutdownError);
    expect(() => executor.tasks.plus(shared, 1)).toThrow(ExecutorShutdownError);
  });

  it('terminate() cancels a task that uses a shared value, and dispose() still returns', async () => {
    using gate = new Gate();
    const executor = open('shared.js', { maxWorkers: 1 });
    const shared = executor.share([1]);
    const running = executor.tasks.identifyLater(shared, gate.cells);
    await gate.arrivals();
    await executor.terminate();
    expect(running.state).toBe('cancelled');
    shared.dispose();
  });

  it('a child process and the inline backend receive a shared value once, and free it after dispose()', async () => {
    for (const backend of [processesBackend(), inlineBackend()]) {
      const notes: string[] = [];
      const executor = open('shared.js', { backend: noted(backend, notes), maxWorkers: 1 });
      const shared = executor.share({ bytes: new Uint8Array(100_000).fill(3) });
      const results = await all([executor.tasks.identify(shared), executor.tasks.identify(shared)]);
      expect(results.map(({ number }) => number - results[0]!.number)).toEqual([0, 0]);
      expect(await executor.tasks.readByte(shared)).toBe(3);
      shared.dispose();
      expect(notes).toEqual(['share 1', 'unshare 1']);
      await executor.shutdown();
    }
  });
});
