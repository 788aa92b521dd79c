/** Arguments and results of tasks that succeed. */
import { threadId } from 'node:worker_threads';
import { chain, Future, pipeline, SerializationError, transfer } from 'rx-futures';
import { expect } from 'vitest';
import { Gate } from '../../support/gate.js';
import type { Suite } from '../describe-backend.js';

export function results({ it, open }: Suite): void {
  it('a future resolves with the value that its task returns', async () => {
    await using executor = open('gates.js');
    await expect(executor.tasks.add(2, 3)).resolves.toBe(5);
  });

  it('a future waits for the promise that its task returns', async () => {
    await using executor = open('values.js');
    await expect(executor.tasks.echoLater({ deep: ['value'] })).resolves.toEqual({ deep: ['value'] });
  });

  it('a task runs on another thread than its caller', async () => {
    await using executor = open('gates.js');
    expect(await executor.tasks.whichWorker()).not.toBe(`${process.pid}:${threadId}`);
  });

  it('threadId of a future is the id that the thread has itself', async () => {
    await using executor = open('gates.js');
    const future = executor.tasks.whichThread();
    expect(await future).toBe(future.threadId);
  });

  it('arguments and results are copied as structuredClone does', async () => {
    await using executor = open('values.js');
    const cycle: Record<string, unknown> = {
      big: 2n ** 70n,
      date: new Date(0),
      map: new Map([[{ a: 1 }, new Set([NaN])]]),
    };
    cycle.itself = cycle;
    const back = await executor.submit('echo', cycle);
    expect(back).toEqual(structuredClone(cycle));
    expect(back).not.toBe(cycle);
  });

  it('undefined and null arrive unchanged', async () => {
    await using executor = open('values.js');
    expect(await executor.tasks.echo(undefined)).toBe(undefined);
    expect(await executor.tasks.echo(null)).toBe(null);
  });

  it('a task does not see changes to its arguments after submit', async () => {
    await using executor = open('values.js');
    const list = [1, { two: 2 }] as [number, { two: number }];
    const future = executor.tasks.echo(list);
    list[1].two = 3;
    list.length = 0 as 2;
    expect(await future).toEqual([1, { two: 2 }]);
  });

  it('a task waits for arguments that are futures', async () => {
    await using executor = open('gates.js');
    const { add, double } = executor.tasks;
    expect(await add(double(3), Future.from(Promise.resolve(4)))).toBe(10);
  });

  it('each step of a chain receives the value of the step before', async () => {
    await using executor = open('gates.js');
    const { add, double } = executor.tasks;
    const head = add(1, 2);
    const last = head.pipe(
      chain(double),
      chain((value) => value + 1),
      chain(double),
    );
    expect(await last).toBe(14);
    expect(await head).toBe(3);
  });

  it('the steps of a chain receive the object itself, not a copy', async () => {
    await using executor = open('values.js');
    const { makeObject, isSame } = executor.tasks;
    expect(await makeObject().pipe(chain(isSame))).toBe(true);
    expect(await pipeline(makeObject, isSame)()).toBe(true);
    expect(
      await makeObject().pipe(
        chain((object) => object),
        chain(isSame),
      ),
    ).toBe(false);
  });

  it('the steps of a chain receive values that cannot leave the worker', async () => {
    await using executor = open('values.js');
    const { box, unbox } = executor.tasks;
    const head = box(7);
    expect(await head.pipe(chain(unbox as never))).toMatchObject({ number: 7 });
    await expect(head).rejects.toBeInstanceOf(SerializationError);
  });

  it('a value marked with transfer() is moved in both directions', async () => {
    await using executor = open('values.js');
    const bytes = new Uint8Array([1, 2, 3]);
    expect(await executor.tasks.sum(transfer(bytes))).toBe(6);
    expect(bytes.byteLength).toBe(0);
    expect(await executor.tasks.makeBytes(1_000_000)).toHaveLength(1_000_000);
  });

  it('a SharedArrayBuffer is shared, not copied', async () => {
    await using executor = open('gates.js');
    using gate = new Gate();
    await executor.tasks.note(gate.cells, 42);
    expect(gate.notes).toEqual([42]);
  });

  it('currentTask() returns the id, name, attempt and worker of a task', async () => {
    await using executor = open('context.js', { name: 'crew' });
    const future = executor.tasks.describeSelf();
    expect(await future).toMatchObject({
      id: future.id,
      name: 'describeSelf',
      attempt: 1,
      workerName: expect.stringMatching(/^crew-\d$/),
      isAborted: false,
    });
  });

  it('currentTask() stays correct across the awaits of interleaved tasks', async () => {
    await using executor = open('context.js', { maxWorkers: 1, concurrency: 4 });
    const futures = Array.from({ length: 8 }, () => executor.tasks.idAcrossAwait());
    for (const future of futures) expect(await future).toEqual([future.id, future.id]);
  });

  it('a future emits the progress that its task reports', async () => {
    await using executor = open('context.js');
    const future = executor.tasks.report([1, { half: true }, 'done']);
    const seen: unknown[] = [];
    future.progress.subscribe({ next: (value) => seen.push(value), complete: () => seen.push('complete') });
    expect(await future).toBe(3);
    expect(seen).toEqual([1, { half: true }, 'done', 'complete']);
  });
}
