/** The last abort of a worker, in shared memory. */
import { expect, it } from 'vitest';
import { type Abort, AbortLetter } from '../../../src/protocol/web/abort-letter.js';
import { decodeError, encodeError } from '../../../src/protocol/wire-error.js';

const abortWith = (reason: unknown): Abort => ({
  type: 'abort',
  slot: 3,
  id: 7,
  attempt: 1,
  reason: encodeError(reason),
});

function open() {
  const page = new AbortLetter();
  return { page, worker: new AbortLetter(page.memory) };
}

it.each([['a word'], [{ why: ['enough', 1, null, true] }], [new RangeError('too far')]])(
  'the worker reads a letter once, with the reason as the page has it: %s',
  (reason) => {
    const { page, worker } = open();
    expect(worker.read()).toBe(undefined);
    page.write(abortWith(reason));
    const letter = worker.read()!;
    expect(letter).toMatchObject({ type: 'abort', slot: 3, id: 7, attempt: 1 });
    expect(decodeError(letter.reason)).toEqual(reason);
    expect(worker.read()).toBe(undefined);
  },
);

it('the second letter replaces the first', () => {
  const { page, worker } = open();
  page.write(abortWith('a longer reason'));
  page.write(abortWith('b'));
  expect(decodeError(worker.read()!.reason)).toBe('b');
});

it.each([[new Map()], [Number.NaN], [[undefined]], [new Date(0)], ['x'.repeat(20_000)]])(
  'a reason that JSON would change, or that is too long, has no letter: %s',
  (reason) => {
    const { page, worker } = open();
    page.write(abortWith(reason));
    expect(worker.read()).toBe(undefined);
  },
);

it('the worker reads no letter that is being written', () => {
  const { page, worker } = open();
  page.write(abortWith('whole'));
  Atomics.add(new Int32Array(page.memory), 0, 1);
  expect(worker.read()).toBe(undefined);
});
