import { all, allSettled, any, asCompleted, Deferred, race, wait } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { show } from '../../src/util/validate.js';
import { open } from '../support/open.js';

describe('options', () => {
  const { future } = new Deferred<number>();
  const calls: [string, (options: never) => unknown, known: string][] = [
    ['shutdown', (options) => open('gates.js').shutdown(options), 'cancelPending'],
    ['asCompleted', (options) => asCompleted([future], options), 'timeout, concurrency'],
    ['wait', (options) => wait([future], options), 'returnWhen, timeout'],
    ['all', (options) => all([future], options), 'cancelRest'],
    ['allSettled', (options) => allSettled([future], options), 'cancelRest'],
    ['any', (options) => any([future], options), 'cancelRest'],
    ['race', (options) => race([future], options), 'cancelRest'],
    ['result', (options) => future.result(options), 'timeout, signal'],
    ['settled', (options) => future.settled(options), 'timeout, signal'],
  ];

  it.each(calls)('%s() refuses an unknown option at the call and lists the known ones', (name, call, known) => {
    const misspelt = () => call({ timeOut: 5 } as never);
    expect(misspelt).toThrow(TypeError);
    expect(misspelt).toThrow(new RegExp(`\\b${name}\\(.*: unknown option "timeOut"\\. Use one of: ${known}\\.$`));
  });

  it.each(calls)('%s() refuses options that are not an object at the call', (name, call) => {
    for (const options of [null, 5, 'all'] as never[]) {
      expect(() => call(options)).toThrow(TypeError);
      expect(() => call(options)).toThrow(new RegExp(`\\b${name}\\(.*: expected an object of options, got `));
    }
  });
});

describe('show', () => {
  it.each<[unknown, string]>([
    ['a "text"', '"a \\"text\\""'],
    [5, '5'],
    [5n, '5'],
    [true, 'true'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('id'), 'Symbol(id)'],
    [function parse() {}, 'the function parse'],
    [() => {}, 'the function (anonymous)'],
    [class Page {}, 'the function Page'],
    [{ a: 1 }, 'an object'],
    [Object.create(null), 'an object'],
    [[1], 'an Array'],
    [new Map(), 'a Map'],
    [new (class Page {})(), 'a Page'],
    [new AbortController().signal, 'an AbortSignal'],
    [(function* () {})(), 'a Generator'],
    [new Uint8Array(), 'a Uint8Array'],
    [new URL('file:///'), 'a URL'],
    [new URLSearchParams(), 'a URLSearchParams'],
    [new (class Umbrella {})(), 'an Umbrella'],
  ])('show() describes %o', (value, text) => {
    expect(show(value)).toBe(text);
  });
});
