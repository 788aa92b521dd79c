import { CancelledError } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { callsFunctions, nextAttempt, type RetryOptions, retryAsData } from '../../../src/engine/run/retry.js';
import type { TaskRun } from '../../../src/engine/run/task-run.js';

const failure = new Error('busy');

/** Returns the ms until the next run, for a failed run with this part of a TaskRun. */
function decide(retry: number | RetryOptions | undefined, { error = failure as unknown, ...part } = {} as any) {
  const run = {
    task: { options: { retry } },
    future: { isSettled: false },
    owner: { traits: { retries: false } },
    attempt: 1,
    transfer: undefined,
    hasLostInput: false,
    rare: {},
    ...part,
  };
  return nextAttempt(run as TaskRun, error);
}

describe('nextAttempt', () => {
  it('a failed run is repeated at once as long as retries are left', () => {
    expect([1, 2, 3].map((attempt) => decide(2, { attempt }))).toEqual([0, 0, undefined]);
  });

  it('a task without `retry` is not run again', () => {
    expect(decide(undefined)).toBe(undefined);
  });

  it('`delay` is the time until the next run, or a function of the failed attempt', () => {
    expect(decide({ count: 1, delay: 20 })).toBe(20);
    expect(decide({ count: 9, delay: (attempt) => 10 * attempt }, { attempt: 3 })).toBe(30);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a `delay` that returns %d means no delay', (ms) => {
    expect(decide({ count: 1, delay: () => ms })).toBe(0);
  });

  it('`when` receives the error and decides whether the task is run again', () => {
    const asked: unknown[] = [];
    const when = (answer: boolean) => (error: unknown) => {
      asked.push(error);
      return answer;
    };
    expect(decide({ count: 1, when: when(false) })).toBe(undefined);
    expect(decide({ count: 1, when: when(true) })).toBe(0);
    expect(asked).toEqual([failure, failure]);
  });

  it('`when` is not asked if no retry is left', () => {
    const when = () => {
      throw new Error('asked');
    };
    expect(decide({ count: 1, when }, { attempt: 2 })).toBe(undefined);
  });

  it.each<[what: string, run: object]>([
    ['whose arguments were moved', { transfer: [new ArrayBuffer(1)] }],
    ['whose input existed only on the lost worker', { hasLostInput: true }],
    ['that has emitted values of its stream', { rare: { valueSink: { hasEmitted: true } } }],
    ['whose future has settled', { future: { isSettled: true } }],
    ['that was cancelled', { error: new CancelledError('enough') }],
  ])('a run %s is not repeated', (_, run) => {
    expect(decide(3, run)).toBe(undefined);
  });

  it('a run is not repeated if `when` or `delay` settles its future', () => {
    const future = { isSettled: false };
    const settle = <T>(value: T) => {
      future.isSettled = true;
      return value;
    };
    expect(decide({ count: 3, when: () => settle(true) }, { future })).toBe(undefined);
    future.isSettled = false;
    expect(decide({ count: 3, delay: () => settle(5) }, { future })).toBe(undefined);
  });

  it('a server that handles retries leaves only those with functions to the client', () => {
    const owner = { traits: { retries: true } };
    expect(decide(3, { owner })).toBe(undefined);
    expect(decide({ count: 3, delay: 5 }, { owner })).toBe(undefined);
    expect(decide({ count: 3, when: () => true }, { owner })).toBe(0);
  });
});

describe('retryAsData', () => {
  it.each([
    ['a number', 2, { count: 2, delay: 0 }],
    ['a count with a delay', { count: 2, delay: 10 }, { count: 2, delay: 10 }],
    ['no retry', undefined, undefined],
    ['a delay that is a function', { count: 2, delay: () => 1 }, undefined],
    ['a condition', { count: 2, when: () => true }, undefined],
  ])('%s becomes data, or nothing if a function decides', (_, retry, data) => {
    expect(retryAsData(retry)).toEqual(data);
    expect(callsFunctions(retry)).toBe(retry !== undefined && data === undefined);
  });
});
