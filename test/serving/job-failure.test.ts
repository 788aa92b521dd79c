import { describe, expect, it } from 'vitest';
import { endLine, jobFailure } from '../../src/serving/job-failure.js';

const failed = (failure: unknown) => ({ failure, isCancelled: false });
const cancelled = (failure: unknown) => ({ failure, isCancelled: true });

describe('jobFailure', () => {
  it('the job of one task has the headline and the stack of its error', () => {
    const error = new RangeError('odd');
    expect(jobFailure([failed(error)], 1)).toMatchObject({ message: 'RangeError: odd', stack: error.stack });
  });

  it('the job of several tasks says how many have failed', () => {
    const { message } = jobFailure([failed(new Error('one')), failed(new Error('two'))], 64);
    expect(message).toBe('2 of 64 tasks failed. The first error is: Error: one');
  });

  it('a rejection precedes a cancel', () => {
    const { message } = jobFailure([cancelled('enough'), failed('lost')], 2);
    expect(message).toBe('2 of 2 tasks failed. The first error is: lost');
  });

  it('a cancelled task has the reason, and no stack', () => {
    expect(jobFailure([cancelled('enough')], 1)).toMatchObject({ message: 'CancelledError: enough', stack: '' });
  });
});

describe('endLine', () => {
  const node = (ran?: { started: number; ended: number }) => ({ data: { name: 'add' }, ran }) as never;
  const ran = { started: 5, ended: 17.4 };

  it.each<[string, string]>([
    ['add ended after 12 ms', endLine(node(ran), undefined)],
    ['add failed after 12 ms: RangeError: odd', endLine(node(ran), failed(new RangeError('odd')))],
    ['add was cancelled: CancelledError: enough', endLine(node(), cancelled('enough'))],
    ['add did not run, because the task before it failed', endLine(node(), failed('lost'), true)],
  ])('a log has the line: %s', (line, actual) => {
    expect(actual).toBe(line);
  });
});
