import { PassThrough, Readable } from 'node:stream';
import { Future, ResultStream } from 'rx-futures';
import { of, Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { isOneShot, isStreamLike } from '../../../src/protocol/stream/stream-like.js';

function* now() {
  yield 1;
}

async function* later() {
  yield 1;
}

class Data {
  x = 1;
  *[Symbol.iterator]() {
    yield this.x;
  }
}

class Hidden {
  #x = 1;
  *[Symbol.iterator]() {
    yield this.#x;
  }
}

describe('the arguments that are streams', () => {
  it.each([
    ['a generator', now()],
    ['an async generator', later()],
    ['an iterator of an array', [1].values()],
    ['an iterator of a Map', new Map().entries()],
    ['an Observable', of(1)],
    ['a Subject', new Subject()],
    ['a ResultStream', new ResultStream(() => ({ stop() {} }))],
    ['an Observable of another library', { '@@observable': () => of(1) }],
    ['a Readable', Readable.from([1])],
    ['a PassThrough', new PassThrough()],
    ['a ReadableStream', new ReadableStream()],
    ['an object with Symbol.asyncIterator', { [Symbol.asyncIterator]: later }],
    ['an object with Symbol.iterator alone', { [Symbol.iterator]: now }],
    ['an iterable whose data is private', new Hidden()],
  ])('%s is a stream', (_, value) => {
    expect(isStreamLike(value)).toBe(true);
  });

  it.each([
    ['an array', [1]],
    ['a Set', new Set([1])],
    ['a Map', new Map([[1, 2]])],
    ['a typed array', new Uint8Array(1)],
    ['a Buffer', Buffer.from('x')],
    ['a text', 'text'],
    ['a String', new String('text')],
    ['null', null],
    ['a function', later],
    ['plain data', { next: 1, subscribe: 2 }],
    ['an iterable with data', new Data()],
    ['a Future', Future.resolve(1)],
    ['a promise', Promise.resolve(1)],
    ['a revoked proxy', revoked()],
    ['an object that returns a function for each name, as an actor does', everyName()],
  ])('%s is a value', (_, value) => {
    expect(isStreamLike(value)).toBe(false);
  });

  it('iterators and the streams of Node and the web can be read once', () => {
    for (const source of [now(), later(), Readable.from([1]), new ReadableStream()])
      expect(isOneShot(source)).toBe(true);
    for (const source of [of(1), { [Symbol.asyncIterator]: later }, new Hidden()])
      expect(isOneShot(source)).toBe(false);
  });
});

function everyName(): object {
  return new Proxy({}, { get: (_, name) => (typeof name === 'symbol' ? undefined : () => {}) });
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
