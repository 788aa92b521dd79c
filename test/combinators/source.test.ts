import { Future } from 'rx-futures';
import { expect, it } from 'vitest';
import { checkFuture, futuresOf } from '../../src/combinators/source.js';

const future = Future.resolve(1);

it('futuresOf() returns the futures of any iterable', () => {
  expect(futuresOf(new Set([future]), 'all()')).toEqual([future]);
});

it('an input that is not iterable causes an error with the name of the call', () => {
  expect(() => futuresOf(5 as never, 'all()')).toThrow(
    'all(): expected an iterable of Futures, got 5. Pass an array of Futures.',
  );
});

it('an item that is not a Future causes an error with its index', () => {
  expect(() => futuresOf([future, 5 as never], 'all()')).toThrow(
    'all(): item 1: expected a Future, got 5. Pass the Future',
  );
});

it('the error for a promise says how to convert it', () => {
  expect(() => checkFuture(Promise.resolve(1), 'race()')).toThrow(
    /got a Promise\. Convert the promise with Future\.from/,
  );
  expect(checkFuture(future, 'race()')).toBe(future);
});
