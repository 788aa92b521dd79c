/** Shared memory stays shared wherever it goes: the value of a chain's head travels in another form than a result, and is no exception. */
import { chain, pipeline } from 'rx-futures';
import { expect, test } from 'vitest';
import { open } from '../support/open.js';

const cells = () => new Int32Array(new SharedArrayBuffer(8));

test('as an argument and as a result', async () => {
  await using executor = open('values.js');
  const mine = cells();
  const theirs = (await executor.tasks.echo(mine)) as Int32Array;
  theirs[0] = 7;
  expect(mine[0]).toBe(7);
});

test('as the value of a head that others hang on', async () => {
  await using executor = open('values.js');
  const mine = cells();
  const head = executor.tasks.echo({ mine });
  await head.pipe(chain(executor.tasks.echo));
  const theirs = (await head) as { mine: Int32Array };
  theirs.mine[0] = 7;
  expect(mine[0]).toBe(7);
});

test('from step to step', async () => {
  await using executor = open('values.js');
  const { echo } = executor.tasks;
  const mine = cells();
  const theirs = (await pipeline(echo, echo)(mine).pipe(chain(echo))) as Int32Array;
  theirs[1] = 8;
  expect(mine[1]).toBe(8);
});

test('and bytes that are not shared have a buffer of their own, in the value of a head too', async () => {
  await using executor = open('values.js');
  const head = executor.tasks.echo({ a: new Uint8Array([1, 2, 3]), b: new Float64Array([0.5]) });
  await head.pipe(chain(executor.tasks.echo));
  const { a, b } = (await head) as { a: Uint8Array; b: Float64Array };
  expect([a.byteOffset, a.buffer.byteLength, b.byteOffset, b.buffer.byteLength]).toEqual([0, 3, 0, 8]);
});

test('and what is a handle on something, a Blob, is one in the value of a head too', async () => {
  await using executor = open('values.js');
  const head = executor.tasks.echo({ file: new Blob(['text']) });
  await head.pipe(chain(executor.tasks.echo));
  const { file } = (await head) as { file: Blob };
  expect(await file.text()).toBe('text');
});
