/** Depth and breadth: nothing recurses over what a user can make long. */
import { all, chain, Deferred, type Future } from 'rx-futures';
import { expect, test } from 'vitest';
import { open } from '../support/open.js';

const DEEP = 10_000;
const WIDE = 100_000;

const addOne = (n: number) => n + 1;

test('10,000 chained steps on this thread overflow no stack', async () => {
  const start = new Deferred<number>();
  let end: Future<number> = start.future;
  for (let i = 0; i < DEEP; i++) end = end.pipe(chain(addOne));
  start.resolve(0);
  expect(await end).toBe(DEEP);
});

test('10,000 chained tasks overflow no stack', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  let end: Future<number> = executor.tasks.double(0);
  for (let i = 0; i < DEEP; i++) end = end.pipe(chain(executor.tasks.double));
  expect(await end).toBe(0);
});

test('10,000 chained steps overflow no stack when the first fails', async () => {
  const start = new Deferred<number>();
  let end: Future<number> = start.future;
  for (let i = 0; i < DEEP; i++) end = end.pipe(chain(addOne));
  const reason = new Error('at the start');
  start.reject(reason);
  await expect(end).rejects.toBe(reason);
});

test('10,000 chained steps overflow no stack when an end of them is cancelled', () => {
  const start = new Deferred<number>();
  const futures: Future<number>[] = [start.future];
  for (let i = 0; i < DEEP; i++) futures.push(futures[i]!.pipe(chain(addOne)));
  futures.at(-1)!.cancel();
  expect(futures.every(({ state }) => state === 'cancelled')).toBe(true);
});

test('10,000 chained tasks overflow no stack when the start is cancelled', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  const start = executor.tasks.double(1);
  let end: Future<number> = start;
  for (let i = 0; i < DEEP; i++) end = end.pipe(chain(executor.tasks.double));
  start.cancel();
  expect(end.state).toBe('cancelled');
});

test('10,000 futures that come back from steps overflow no stack', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  const count = (left: number): Future<number> =>
    executor.tasks.double(left).pipe(chain(() => (left === 0 ? 0 : count(left - 1))));
  expect(await count(DEEP)).toBe(0);
});

test('100,000 siblings of one future overflow no stack', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  const head = executor.tasks.double(1);
  const siblings = Array.from({ length: WIDE }, () => head.pipe(chain(addOne)));
  const values = await all(siblings);
  expect(values.reduce((sum, value) => sum + value, 0)).toBe(3 * WIDE);
});

test('100,000 tasks chained to one future overflow no stack', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  const head = executor.tasks.double(1);
  const siblings = Array.from({ length: WIDE }, () => head.pipe(chain(executor.tasks.double)));
  const values = await all(siblings);
  expect(values.reduce((sum, value) => sum + value, 0)).toBe(4 * WIDE);
});

test('100,000 callbacks of one future overflow no stack', () => {
  const deferred = new Deferred<number>();
  let calls = 0;
  for (let i = 0; i < WIDE; i++) deferred.future.addDoneCallback(() => calls++);
  deferred.resolve(1);
  expect(calls).toBe(WIDE);
});

test('100,000 tasks of one tick are run and cancelled without a stack overflow', async () => {
  await using executor = open('values.js', { maxWorkers: 1 });
  const run = Array.from({ length: WIDE }, (_, i) => executor.tasks.echo(i));
  expect(await all(run)).toHaveLength(WIDE);
  const cancelled = Array.from({ length: WIDE }, (_, i) => executor.tasks.echo(i));
  for (const future of cancelled) future.cancel();
  expect(cancelled.every(({ state }) => state === 'cancelled')).toBe(true);
});
