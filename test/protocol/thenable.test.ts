import { describe, expect, it } from 'vitest';
import { asPromise, whenDone } from '../../src/protocol/thenable.js';

describe('asPromise', () => {
  it('a native promise is returned as it is, and there is no promise of another value', () => {
    const promise = Promise.resolve(1);
    expect(asPromise(promise)).toBe(promise);
    expect([1, null, {}, { then: 5 }, () => {}].map(asPromise)).toEqual(Array(5).fill(undefined));
  });

  it('`then` of a thenable is read once, and called later with the thenable as `this`', async () => {
    const log: string[] = [];
    const thenable = {
      get then() {
        log.push('read');
        return function (this: unknown, resolve: (value: string) => void) {
          log.push(this === thenable ? 'called' : 'called with another this');
          resolve('value');
        };
      },
    };
    const promise = asPromise(thenable)!;
    log.push('returned');
    expect(await promise).toBe('value');
    expect(log).toEqual(['read', 'returned', 'called']);
  });

  it('a function with `then` is a thenable', async () => {
    const callable = Object.assign(() => {}, { then: (resolve: (value: number) => void) => resolve(3) });
    expect(await asPromise(callable)).toBe(3);
  });

  it('an error in `then` becomes a rejection, and an error of its getter is thrown', async () => {
    const fail = () => {
      throw new Error('in then');
    };
    await expect(asPromise({ then: fail })).rejects.toThrow('in then');
    expect(() => asPromise(Object.defineProperty({}, 'then', { get: fail }))).toThrow('in then');
  });

  it('a promise whose own `then` was replaced is a thenable', async () => {
    const promise = Object.assign(Promise.resolve(1), { then: (resolve: (value: number) => void) => resolve(2) });
    expect(await asPromise(promise)).toBe(2);
  });
});

describe('whenDone', () => {
  it('the functions are called with the value or the reason, although `then` was replaced meanwhile', async () => {
    const promise = asPromise(Promise.resolve(1))!;
    Object.assign(promise, { then: () => expect.unreachable() });
    expect(await new Promise((resolve, reject) => whenDone(promise, resolve, reject))).toBe(1);
    const failed = asPromise(Promise.reject('lost'))!;
    expect(await new Promise((resolve) => whenDone(failed, undefined, resolve))).toBe('lost');
  });
});
