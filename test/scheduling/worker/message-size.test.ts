import { describe, expect, it } from 'vitest';
import { LazyValue } from '../../../src/protocol/lazy-value.js';
import type { Job } from '../../../src/scheduling/job/job.js';
import { messagesOf } from '../../../src/scheduling/worker/message-size.js';

const KIB = 1_024;
const text = (kib: number) => 'x'.repeat(kib * KIB);

/** Returns the number of jobs in each message. */
function divide(...args: unknown[]): number[] {
  const jobs = args.map((arg) => ({ args: arg === undefined ? undefined : [arg] }) as unknown as Job);
  const messages = messagesOf(jobs);
  expect(messages.flat()).toEqual(jobs);
  return messages.map(({ length }) => length);
}

describe('messages of jobs', () => {
  it('small arguments are one message, and so are dependent jobs', () => {
    expect(divide(...Array.from({ length: 1_000 }, (_, i) => i))).toEqual([1_000]);
    expect(divide(undefined, null, 'a', { id: 1 }, true)).toEqual([5]);
  });

  it('a message ends before the job that would make it too large', () => {
    expect(divide(text(200), text(200), text(200), text(200), 1)).toEqual([2, 3]);
  });

  it('a job that is too large by itself has its own message', () => {
    expect(divide(text(2_000), text(2_000), 1, text(2_000))).toEqual([1, 1, 1, 1]);
  });

  it('strings inside of objects count, and so do arguments that are bytes', () => {
    const page = () => ({ url: '/', body: { html: text(300) } });
    expect(divide(page(), page(), page())).toEqual([1, 1, 1]);
    const bytes = () => new LazyValue(new Uint8Array(300 * KIB));
    expect(divide(bytes(), bytes())).toEqual([1, 1]);
  });

  it('large bytes do not count, because they are moved', () => {
    expect(divide(new Uint8Array(2_000 * KIB), new Uint8Array(2_000 * KIB), text(400))).toEqual([3]);
  });
});
