import { Readable } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { closeUnread, type Source, sourceOf } from '../../src/worker/stream-source.js';
import { transfer } from '../../src/worker.js';
import { failure } from '../support/ended.js';
import { collectUntil } from '../support/garbage.js';

describe('sourceOf()', () => {
  it.each<[string, unknown]>([
    ['a generator', [1, 2].values()],
    ['an async generator', later([1, 2])],
    ['an Observable', of(1, 2)],
    ['a Readable', Readable.from([1, 2])],
    ['a web stream', Readable.toWeb(Readable.from([1, 2]))],
  ])('%s emits its values', async (_, result) => {
    expect(await read(sourceOf(result))).toEqual([1, 2]);
  });

  it.each<[unknown]>([[[1, 2]], [new Map()], [new Set([1])], ['text'], [new Uint8Array(2)], [{}], [null], [undefined]])(
    '%s is a single value',
    async (result) => {
      expect(await read(sourceOf(result))).toEqual([result]);
    },
  );
});

describe('an Observable as a source', () => {
  it('the source keeps values that are emitted before they are read, and then the end', async () => {
    const subject = new Subject<number>();
    const source = sourceOf(subject);
    subject.next(1);
    subject.next(2);
    subject.complete();
    expect(await read(source)).toEqual([1, 2]);
  });

  it('a waiting read resolves with the next value', async () => {
    const subject = new Subject<number>();
    const source = sourceOf(subject);
    const asked = source.next();
    subject.next(1);
    expect(await asked).toEqual({ done: false, value: 1 });
  });

  it('the source returns its values before its error', async () => {
    const subject = new Subject<number>();
    const source = sourceOf(subject);
    subject.next(1);
    subject.error(failure);
    expect(await source.next()).toEqual({ done: false, value: 1 });
    expect(() => source.next()).toThrow(failure);
    expect(() => sourceOf(throwError(() => failure)).next()).toThrow(failure);
  });

  it('leaving the source unsubscribes and resolves a waiting read', async () => {
    const left = vi.fn();
    const source = sourceOf(new Observable(() => left));
    const asked = source.next();
    await source.leave();
    expect(left).toHaveBeenCalledTimes(1);
    expect(await asked).toEqual({ done: true, value: undefined });
  });

  it('the source releases values that were read, even if new values keep arriving', async () => {
    const subject = new Subject<object>();
    const source = sourceOf(subject);
    const given: WeakRef<object>[] = [];
    subject.next({});
    for (let i = 0; i < 100; i++) {
      subject.next({});
      given.push(new WeakRef(((await source.next()) as IteratorYieldResult<object>).value));
    }
    await collectUntil(() => given.slice(0, 98).every((ref) => ref.deref() === undefined));
    expect(await source.next()).toMatchObject({ done: false });
  });
});

async function read(source: Source): Promise<unknown[]> {
  const values: unknown[] = [];
  for (let next = await source.next(); !next.done; next = await source.next()) values.push(next.value);
  return values;
}

async function* later<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

describe('closeUnread()', () => {
  it('a port that is moved to a reader who has left is closed, and other values stay as they are', async () => {
    const { port1, port2 } = new MessageChannel();
    const closed = new Promise((resolve) => port2.once('close', resolve));
    for (const answer of [undefined, { done: false, value: { close: vi.fn() } }]) closeUnread(answer);
    closeUnread({ done: false, value: transfer(port1) });
    await closed;
  });
});
