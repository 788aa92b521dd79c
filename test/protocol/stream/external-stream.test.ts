import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { setImmediate as aTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  asyncIteratorOf,
  cancelUnread,
  isAsyncIterable,
  isWebStream,
} from '../../../src/protocol/stream/external-stream.js';
import { failure } from '../../support/ended.js';

describe('isWebStream', () => {
  it.each<[string, unknown, boolean]>([
    ['a ReadableStream', new ReadableStream(), true],
    ['a stream of a polyfill', { getReader() {}, cancel() {} }, true],
    ['a Readable', Readable.from([1]), false],
    ['an object that answers with a function to each name, as an actor does', answersAll(), false],
    ['an array', [1], false],
    ['null', null, false],
    ['a text', 'getReader', false],
  ])('%s: %$', (_, value, isOne) => {
    expect(isWebStream(value)).toBe(isOne);
  });

  it('isAsyncIterable accepts it, as well as anything with an async iterator', () => {
    expect([new ReadableStream(), Readable.from([1]), unlisted(of([1]))].map(isAsyncIterable)).toEqual([
      true,
      true,
      true,
    ]);
    expect([[1], answersAll(), null, undefined, 'text', Promise.resolve()].map(isAsyncIterable)).not.toContain(true);
  });
});

describe('the values of a web stream', () => {
  it('the values arrive in order, then the end, and the stream is unlocked', async () => {
    const stream = of([1, 2]);
    const values = asyncIteratorOf(stream);
    expect([await values.next(), await values.next()]).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
    ]);
    expect(stream.locked).toBe(true);
    expect(await values.next()).toMatchObject({ done: true });
    expect(stream.locked).toBe(false);
  });

  it('the error of the stream is thrown at next(), and return() afterwards throws nothing', async () => {
    const stream = new ReadableStream({ start: (controller) => controller.error(failure) });
    const values = asyncIteratorOf(stream as never);
    await expect(values.next()).rejects.toBe(failure);
    expect(stream.locked).toBe(false);
    expect(await values.return!()).toMatchObject({ done: true });
  });

  it('return() cancels the stream at once, although a value is awaited', async () => {
    let cancelled = 0;
    const stream = new ReadableStream({ cancel: () => void cancelled++ });
    const values = asyncIteratorOf(stream as never);
    const next = values.next();
    expect(await values.return!()).toMatchObject({ done: true });
    expect(cancelled).toBe(1);
    expect(await next).toMatchObject({ done: true });
    expect(stream.locked).toBe(false);
  });

  it('return() throws the error of the cancellation', async () => {
    const stream = new ReadableStream({ cancel: () => Promise.reject(failure) });
    await expect(asyncIteratorOf(stream as never).return!()).rejects.toBe(failure);
    expect(stream.locked).toBe(false);
  });

  it('a stream without an async iterator is read too', async () => {
    expect(await asyncIteratorOf(unlisted(of([1]))).next()).toEqual({ done: false, value: 1 });
  });

  it('a stream whose class has an async iterator of its own is read with it', async () => {
    class Decoded extends ReadableStream<string> {
      override async *[Symbol.asyncIterator](): any {
        const reader = this.getReader();
        for (let next = await reader.read(); !next.done; next = await reader.read()) yield `<${next.value}>`;
        return undefined;
      }
    }
    const stream = new Decoded({ start: (controller) => controller.enqueue('a') });
    expect(await asyncIteratorOf(stream as never).next()).toEqual({ done: false, value: '<a>' });
  });

  it('a locked stream throws a TypeError', () => {
    const stream = of([1]);
    stream.getReader();
    expect(() => asyncIteratorOf(stream)).toThrow(TypeError);
  });
});

describe('the values of a Readable', () => {
  it('the values arrive in order, then the end', async () => {
    const values = asyncIteratorOf(Readable.from([1]));
    expect([await values.next(), await values.next()]).toEqual([
      { done: false, value: 1 },
      { done: true, value: undefined },
    ]);
  });

  it('its error is thrown at next()', async () => {
    const stream = new Readable({ objectMode: true, read: () => stream.destroy(failure) });
    await expect(asyncIteratorOf(stream).next()).rejects.toBe(failure);
  });

  it('return() destroys the stream at once, although a value is awaited, and next() ends', async () => {
    const stream = new Readable({ objectMode: true, read() {} });
    const values = asyncIteratorOf(stream);
    const next = values.next();
    expect(await values.return!()).toMatchObject({ done: true });
    expect(stream.destroyed).toBe(true);
    expect(await next).toMatchObject({ done: true });
  });

  it('return() does not wait for a stream that says nothing when it is destroyed', async () => {
    const stream = new Readable({ objectMode: true, emitClose: false, read() {} });
    const values = asyncIteratorOf(stream);
    void values.next();
    expect(await values.return!()).toMatchObject({ done: true });
  });

  it('return() throws an error of destroy(), after the iterator was left', async () => {
    let isLeft = false;
    const stream = {
      on() {},
      pipe() {},
      destroy() {
        throw failure;
      },
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: async () => {
          isLeft = true;
          return { done: true, value: undefined };
        },
      }),
    };
    await expect(asyncIteratorOf(stream as never).return!()).rejects.toBe(failure);
    expect(isLeft).toBe(true);
  });

  it('return() destroys a stream that was not read', async () => {
    const stream = Readable.from([1]);
    await asyncIteratorOf(stream).return!();
    expect(stream.destroyed).toBe(true);
  });
});

describe('a stream of Readable.toWeb()', () => {
  // The runner of the tests fails if an error is thrown outside of all promises.
  it('nothing is thrown if the stream is left in the turn of a read', async () => {
    for (let trial = 0; trial < 20; trial++) {
      const values = asyncIteratorOf(await filled());
      await values.next();
      await values.return!();
      await aTurn();
    }
  });

  it('nothing is thrown if a stream without a reader is cancelled in the turn of its start', async () => {
    for (let jobs = 0; jobs < 20; jobs++) {
      const stream = Readable.toWeb(Readable.from(upTo(60)));
      for (let job = 0; job < jobs; job++) await undefined;
      await cancelUnread(stream as never);
      await aTurn();
    }
  });
});

describe('cancelUnread', () => {
  it('a locked stream is left alone', async () => {
    const stream = of([1]);
    const reader = stream.getReader();
    await cancelUnread(stream);
    expect(await reader.read()).toEqual({ done: false, value: 1 });
  });
});

function of(values: unknown[]): globalThis.ReadableStream<unknown> {
  return new ReadableStream({
    start(controller) {
      for (const value of values) controller.enqueue(value);
      controller.close();
    },
  }) as never;
}

const upTo = (to: number) => Array.from({ length: to }, (_, i) => i);

/** A stream that has filled its buffer, and has paused the Readable behind it. */
async function filled(): Promise<globalThis.ReadableStream<unknown>> {
  const stream = Readable.toWeb(Readable.from(upTo(60)));
  for (let turn = 0; turn < 5; turn++) await aTurn();
  return stream as never;
}

/** A stream as in a browser that has no async iterator for it. */
function unlisted<T>(stream: globalThis.ReadableStream<T>): globalThis.ReadableStream<T> {
  return Object.defineProperty(stream, Symbol.asyncIterator, { value: undefined });
}

function answersAll(): object {
  return new Proxy({}, { get: (_, name) => (typeof name === 'string' ? () => {} : undefined) });
}
