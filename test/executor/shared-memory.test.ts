/**
 * Shared memory stays shared between threads, also in the value of a chain's first future, which is
 * sent in a different form than a result.
 */
import { chain, pipeline } from 'rx-futures';
import { expect, test } from 'vitest';
import { open } from '../support/open.js';

const cells = () => new Int32Array(new SharedArrayBuffer(8));

test('an argument and a result share their memory', async () => {
  await using executor = open('values.js');
  const mine = cells();
  const theirs = (await executor.tasks.echo(mine)) as Int32Array;
  theirs[0] = 7;
  expect(mine[0]).toBe(7);
});

test("the value of a chain's first future shares its memory", async () => {
  await using executor = open('values.js');
  const mine = cells();
  const head = executor.tasks.echo({ mine });
  await head.pipe(chain(executor.tasks.echo));
  const theirs = (await head) as { mine: Int32Array };
  theirs.mine[0] = 7;
  expect(mine[0]).toBe(7);
});

test('shared memory stays shared from step to step', async () => {
  await using executor = open('values.js');
  const { echo } = executor.tasks;
  const mine = cells();
  const theirs = (await pipeline(echo, echo)(mine).pipe(chain(echo))) as Int32Array;
  theirs[1] = 8;
  expect(mine[1]).toBe(8);
});

test("bytes that are not shared have their own buffer, also in the value of a chain's first future", async () => {
  await using executor = open('values.js');
  const head = executor.tasks.echo({ a: new Uint8Array([1, 2, 3]), b: new Float64Array([0.5]) });
  await head.pipe(chain(executor.tasks.echo));
  const { a, b } = (await head) as { a: Uint8Array; b: Float64Array };
  expect([a.byteOffset, a.buffer.byteLength, b.byteOffset, b.buffer.byteLength]).toEqual([0, 3, 0, 8]);
});

test("a Blob is still a Blob in the value of a chain's first future", async () => {
  await using executor = open('values.js');
  const head = executor.tasks.echo({ file: new Blob(['text']) });
  await head.pipe(chain(executor.tasks.echo));
  const { file } = (await head) as { file: Blob };
  expect(await file.text()).toBe('text');
});
