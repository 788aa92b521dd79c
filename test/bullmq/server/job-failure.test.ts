import { UnrecoverableError } from 'bullmq';
import { expect, it } from 'vitest';
import { failureOf } from '../../../src/bullmq/server/job-failure.js';

it('a failure is an UnrecoverableError with the message and the stack, whatever the name of the error', () => {
  const error = Object.assign(new Error('odd'), { name: 'DelayedError', stack: 'at task' });
  const failure = failureOf(error, { UnrecoverableError });
  expect(failure).toBeInstanceOf(UnrecoverableError);
  expect([failure.message, failure.stack]).toEqual(['odd', 'at task']);
});

it('a failure has at most 1,000 characters of the message, and 8,000 of the stack', () => {
  const error = Object.assign(new Error('x'.repeat(5_000)), { stack: 'y'.repeat(50_000) });
  const { message, stack } = failureOf(error, { UnrecoverableError });
  expect([message.length, stack!.length]).toEqual([1_000, 8_000]);
  expect(failureOf('text', { UnrecoverableError })).toMatchObject({ message: 'text', stack: '' });
});
