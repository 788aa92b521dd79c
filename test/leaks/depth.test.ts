/**
 * Depth and breadth: no code of the library recurses over a structure that a user can make long.
 */
import { all, allSettled, any, asCompleted, chain, Deferred, Future, race, recover } from 'rx-futures';
import { asapScheduler, lastValueFrom, of, scheduled } from 'rxjs';
import { describe, expect, test } from 'vitest';
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

describe.each<[string, (n: number) => any]>([
  ['values', (n) => n + 1],
  ['settled futures', (n) => Future.resolve(n + 1)],
  ['futures that settle later', (n) => Future.from(Promise.resolve(n + 1))],
  ['promises', async (n) => n + 1],
  ['thenables', (n) => ({ then: (resolve: (value: number) => void) => resolve(n + 1) })],
  ['Observables that emit synchronously', (n) => of(n, n + 1)],
  ['Observables that emit later', (n) => scheduled([n + 1], asapScheduler)],
])('10,000 steps that return %s', (_, step) => {
  /** Returns the first and the last future of a chain. */
  function build(): { head: Deferred<number>; end: Future<number> } {
    const head = new Deferred<number>();
    let end: Future<number> = head.future;
    for (let i = 0; i < DEEP; i++) end = end.pipe(chain(step));
    return { head, end };
  }

  test('the steps overflow no stack on a pending and on a settled future', async () => {
    const { head, end } = build();
    head.resolve(0);
    expect(await end).toBe(DEEP);
    let later: Future<number> = Future.resolve(0);
    for (let i = 0; i < DEEP; i++) later = later.pipe(chain(step));
    expect(await later).toBe(DEEP);
  });

  test('the steps overflow no stack in recover', async () => {
    const head = new Deferred<number>();
    let end: Future<number> = head.future;
    const again = (error: number) => step(error);
    for (let i = 0; i < DEEP; i++)
      end = end.pipe(
        recover(again),
        chain((n) => Promise.reject(n)),
      );
    head.reject(0);
    await expect(end).rejects.toBe(DEEP);
  });

  test('the steps overflow no stack if the first fails or the last is cancelled', async () => {
    const failing = build();
    const reason = new Error('at the start');
    failing.head.reject(reason);
    await expect(failing.end).rejects.toBe(reason);
    const cancelled = build();
    cancelled.end.cancel();
    expect(cancelled.head.future.state).toBe('cancelled');
  });
});

test('10,000 Deferreds that are resolved with each other overflow no stack', async () => {
  const deferreds = Array.from({ length: DEEP }, () => new Deferred<number>());
  for (let i = DEEP - 1; i > 0; i--) deferreds[i - 1]!.resolve(deferreds[i]!.future);
  deferreds.at(-1)!.resolve(1);
  expect(await deferreds[0]!.future).toBe(1);
});

describe.each([
  ['all', (future: Future<any>) => all([future])],
  ['allSettled', (future: Future<any>) => allSettled([future])],
  ['any', (future: Future<any>) => any([future])],
  ['race', (future: Future<any>) => race([future], { cancelRest: true })],
] as const)('10,000 nested calls of %s', (_, nest) => {
  test('nested calls overflow no stack if the innermost settles or the outermost is cancelled', async () => {
    for (const verb of ['resolve', 'reject', 'cancel'] as const) {
      const head = new Deferred<number>();
      let end: Future<any> = head.future;
      for (let i = 0; i < DEEP; i++) end = nest(end);
      if (verb === 'cancel') end.cancel();
      else head[verb](1);
      expect((await lastValueFrom(asCompleted([end]))).status).not.toBe(undefined);
      if (verb === 'cancel') expect(head.future.state).toBe('cancelled');
    }
  });
});

test('10,000 chained tasks overflow no stack', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  let end: Future<number> = executor.tasks.double(0);
  for (let i = 0; i < DEEP; i++) end = end.pipe(chain(executor.tasks.double));
  expect(await end).toBe(0);
});

test('10,000 chained steps overflow no stack if the first fails', async () => {
  const start = new Deferred<number>();
  let end: Future<number> = start.future;
  for (let i = 0; i < DEEP; i++) end = end.pipe(chain(addOne));
  const reason = new Error('at the start');
  start.reject(reason);
  await expect(end).rejects.toBe(reason);
});

test('10,000 chained steps overflow no stack if their start or end is cancelled', () => {
  const start = new Deferred<number>();
  const futures: Future<number>[] = [start.future];
  for (let i = 0; i < DEEP; i++) futures.push(futures[i]!.pipe(chain(addOne)));
  futures.at(-1)!.cancel();
  expect(futures.every(({ state }) => state === 'cancelled')).toBe(true);
});

test('10,000 chained tasks overflow no stack if the start is cancelled', async () => {
  await using executor = open('gates.js', { maxWorkers: 1 });
  const start = executor.tasks.double(1);
  let end: Future<number> = start;
  for (let i = 0; i < DEEP; i++) end = end.pipe(chain(executor.tasks.double));
  start.cancel();
  expect(end.state).toBe('cancelled');
});

test('10,000 futures that steps return overflow no stack', async () => {
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

test('100,000 tasks of one tick run and are cancelled without a stack overflow', async () => {
  await using executor = open('values.js', { maxWorkers: 1 });
  const run = Array.from({ length: WIDE }, (_, i) => executor.tasks.echo(i));
  expect(await all(run)).toHaveLength(WIDE);
  const cancelled = Array.from({ length: WIDE }, (_, i) => executor.tasks.echo(i));
  for (const future of cancelled) future.cancel();
  expect(cancelled.every(({ state }) => state === 'cancelled')).toBe(true);
});
