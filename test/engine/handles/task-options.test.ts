import { describe, expect, it } from 'vitest';
import { areOfOneRun, checkTaskOptions } from '../../../src/engine/handles/task-options.js';

const check = (options: unknown) => () => checkTaskOptions(options as never, 'with(options)');

describe('checkTaskOptions', () => {
  it('valid options are returned as they are', () => {
    const options = {
      signal: new AbortController().signal,
      priority: -1.5,
      timeout: Number.POSITIVE_INFINITY,
      terminateAfter: 0,
      retry: { count: Number.POSITIVE_INFINITY, delay: 0, when: () => true },
      highWaterMark: 1,
    };
    expect(check(options)()).toBe(options);
  });

  it.each([1, { values: 1 }, { bytes: 1 }, { values: 2, bytes: Number.POSITIVE_INFINITY }, {}])(
    'highWaterMark = %j is valid',
    (highWaterMark) => {
      expect(check({ highWaterMark })).not.toThrow();
    },
  );

  it.each<[option: string, value: unknown, message: RegExp]>([
    [
      'highWaterMark',
      '1 MiB',
      /option "highWaterMark": expected a number of values or \{ values, bytes \}, got "1 MiB"/,
    ],
    ['highWaterMark', { byte: 1 }, /option "highWaterMark": unknown option "byte"\. Use one of: values, bytes\./],
    ['highWaterMark', { bytes: '1' }, /option "highWaterMark\.bytes": expected an integer, 1 or more, or Infinity/],
    ['signal', {}, /option "signal": expected an AbortSignal, got an object/],
    ['retry', 'often', /option "retry": expected a number or \{ count, delay, when \}, got "often"/],
    ['retry', { count: 1, times: 2 }, /option "retry": unknown option "times"\. Use one of: count, delay, when\./],
    ['retry', { count: 1, when: true }, /option "retry\.when": expected a function that receives the error, got true/],
    [
      'patience',
      1,
      /unknown option "patience"\. Use one of: signal, priority, timeout, deadline, key, context, terminateAfter, retry, highWaterMark\./,
    ],
  ])('%s = %j causes a TypeError with the name of the option', (option, value, message) => {
    expect(check({ [option]: value })).toThrow(TypeError);
    expect(check({ [option]: value })).toThrow(message);
  });

  it.each<[option: string, value: unknown, message: RegExp]>([
    ['terminateAfter', -1, /option "terminateAfter": expected a number of ms, 0 or more, or Infinity, got -1/],
    ['priority', Number.NaN, /option "priority": expected a finite number, got NaN/],
    ['timeout', 0, /option "timeout": expected a number of ms, more than 0, or Infinity, got 0/],
    ['retry', -1, /option "retry": expected an integer, 0 or more, or Infinity, got -1/],
    ['retry', { count: 1.5 }, /option "retry\.count": expected an integer/],
    ['retry', { count: 1, delay: -1 }, /option "retry\.delay": expected a number of ms, 0 or more, or a function/],
    ['highWaterMark', 0, /option "highWaterMark": expected an integer, 1 or more, got 0/],
    ['highWaterMark', { values: 0 }, /option "highWaterMark\.values": expected an integer, 1 or more, got 0/],
    [
      'highWaterMark',
      { bytes: 0.5 },
      /option "highWaterMark\.bytes": expected an integer, 1 or more, or Infinity, got 0.5/,
    ],
  ])('%s = %j causes a RangeError with the name of the option', (option, value, message) => {
    expect(check({ [option]: value })).toThrow(RangeError);
    expect(check({ [option]: value })).toThrow(message);
  });

  it.each([null, 5, 'fast'])('%j instead of options causes a TypeError with the name of the call', (options) => {
    expect(check(options)).toThrow(/^with\(options\): expected an object of options, got /);
  });
});

describe('areOfOneRun', () => {
  it('only a timeout, terminateAfter and retries belong to a single run', () => {
    const options = [{ timeout: 1 }, { terminateAfter: 0 }, { retry: 0 }, { priority: 1 }, {}];
    expect(options.map(areOfOneRun)).toEqual([true, true, true, false, false]);
  });
});
