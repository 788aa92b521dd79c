import { all, allSettled, any, asCompleted, Deferred, race, wait } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import * as checks from '../../src/util/validate.js';
import { show, validate } from '../../src/util/validate.js';
import { open } from '../support/open.js';

describe('options', () => {
  const { future } = new Deferred<number>();
  const calls: [string, (options: never) => unknown, known: string][] = [
    ['shutdown', (options) => open('gates.js').shutdown(options), 'cancelPending, timeout'],
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

describe('validate', () => {
  const { boolean, callback, integer } = checks;
  const nested: checks.Check = (at, value) => validate<{ deep?: number }>(at, value, { deep: integer(1) });
  const check = (options: { many?: unknown; call?: unknown; inner?: unknown }) =>
    validate('go()', options, { many: integer(1), call: callback, inner: nested });

  it('validate() accepts options that are right, that are missing and that are undefined', () => {
    check({});
    check({ many: undefined });
    check({ many: 1, call: () => {}, inner: { deep: 5 } });
  });

  it('validate() reads options that are inherited', () => {
    expect(() => check(Object.create({ many: 0 }))).toThrow(
      'go(): option "many": expected an integer, 1 or more, got 0',
    );
  });

  it('validate() refuses an unknown option before a wrong value', () => {
    const wrong = { many: 0, moer: 1 };
    expect(() => check(wrong)).toThrow('go(): unknown option "moer". Use one of: many, call, inner.');
    expect(() => validate('go()', { toString: 1 }, {} as never)).toThrow('unknown option "toString"');
  });

  it('validate() names an option inside an option by its path', () => {
    expect(() => check({ inner: { deep: 0 } })).toThrow(
      'go(): option "inner.deep": expected an integer, 1 or more, got 0',
    );
    expect(() => check({ inner: { dep: 1 } })).toThrow('go(): option "inner": unknown option "dep". Use one of: deep.');
  });

  it('a number out of range is a RangeError, and a value of another type is a TypeError', () => {
    for (const many of [0, 1.5, Number.NaN]) expect(() => check({ many })).toThrow(RangeError);
    for (const many of ['1', null, 1n, {}]) expect(() => check({ many })).toThrow(TypeError);
  });

  it.each<[string, checks.Check, good: unknown[], bad: unknown[], expected: string]>([
    ['integer', integer(0, 9), [0, 9], [-1, 10, 0.5, Infinity, '1'], 'an integer, 0 or more'],
    [
      'integerOrInfinity',
      checks.integerOrInfinity(1),
      [1, Infinity],
      [0, 1.5, -Infinity, NaN],
      'an integer, 1 or more, or Infinity',
    ],
    ['ms', checks.ms, [0, 0.5, Infinity], [-1, NaN, '5', null], 'a number of ms, 0 or more, or Infinity'],
    ['positiveMs', checks.positiveMs, [0.5, Infinity], [0, NaN, '5'], 'a number of ms, more than 0, or Infinity'],
    ['boolean', boolean, [true, false], [1, 'true', null], 'true or false'],
    ['string', checks.string, ['', 'a'], [1, null], 'a string'],
    ['nonEmptyString', checks.nonEmptyString, ['a'], ['', 1], 'a string that is not empty'],
    ['callback', callback, [() => {}], ['log', null], 'a function'],
    ['abortSignal', checks.abortSignal, [new AbortController().signal], [{ aborted: false }], 'an AbortSignal'],
    ['oneOf with two values', checks.oneOf('a', 'b'), ['a', 'b'], ['c', 1], "'a' or 'b'"],
    ['oneOf with three values', checks.oneOf('a', 'b', 'c'), ['c'], ['d'], "'a', 'b' or 'c'"],
    ['anything', checks.anything, [1, null, {}], [], ''],
  ])('the check %s accepts what its message expects', (_, check, good, bad, expected) => {
    for (const value of good) check('go(): option "x"', value);
    for (const value of bad) {
      expect(() => check('go(): option "x"', value)).toThrow(
        `go(): option "x": expected ${expected}, got ${show(value)}. Correct the value, or omit the option.`,
      );
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
