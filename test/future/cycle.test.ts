/**
 * Futures that are resolved with themselves (Promises/A+ 2.3.1). They are rejected with a TypeError
 * and do not stay pending forever (G5, G16).
 */
import { chain, Deferred, Future, recover } from 'rx-futures';
import { describe, expect, it } from 'vitest';
import { open } from '../support/open.js';

const timeSlice = () => new Promise<void>((resolve) => setImmediate(resolve));

type Step = (own: () => Future<any>) => unknown;

/** Steps that return their own future, directly or through a promise. */
const steps: readonly [string, Step][] = [
  ['returns the future', (own) => own()],
  ['returns the future from an async function', async (own) => own()],
  [
    'returns the future from an async function later',
    async (own) => {
      await timeSlice();
      return own();
    },
  ],
  ['returns a promise that is resolved with the future', (own) => new Promise((resolve) => resolve(own()))],
  [
    'returns a promise that is resolved with the future later',
    (own) => new Promise((resolve) => setImmediate(() => resolve(own()))),
  ],
  ['returns the promise of a `then` handler that returns the future', (own) => Promise.resolve().then(own)],
  ['returns a thenable that resolves with the future', (own) => ({ then: (resolve: Function) => resolve(own()) })],
  ['returns a chain that continues the future', (own) => own().pipe(chain((n: number) => n + 1))],
];

describe.each(steps)('a step that %s', (_, step) => {
  it('the future of the step rejects with a TypeError in chain', async () => {
    const head = new Deferred<number>();
    const future: Future<any> = head.future.pipe(chain(() => step(() => future)));
    head.resolve(1);
    await expect(future.result({ timeout: 2_000 })).rejects.toThrow(TypeError);
  });

  it('the future of the step rejects with a TypeError in recover', async () => {
    const head = new Deferred<number>();
    const future: Future<any> = head.future.pipe(recover(() => step(() => future)));
    head.reject(new Error('lost'));
    await expect(future.result({ timeout: 2_000 })).rejects.toThrow(TypeError);
  });
});

it('Deferred.resolve with its own future rejects it with a TypeError', async () => {
  const deferred = new Deferred<unknown>();
  expect(deferred.resolve(deferred.future)).toBe(true);
  await expect(deferred.future).rejects.toThrow(/^Future "Deferred" \(#\d+\) was resolved with itself/);
});

it('Deferred.resolve with a promise of its own future rejects it with a TypeError', async () => {
  const deferred = new Deferred<unknown>();
  deferred.resolve(new Promise((resolve) => setImmediate(() => resolve(deferred.future))));
  await expect(deferred.future.result({ timeout: 2_000 })).rejects.toThrow(TypeError);
});

it('Future.from of a promise that is resolved with the future rejects it with a TypeError', async () => {
  const future: Future<unknown> = Future.from(new Promise((resolve) => setImmediate(() => resolve(future))));
  await expect(future.result({ timeout: 2_000 })).rejects.toThrow(TypeError);
});

it('two, three and 1,000 futures that are resolved with each other are rejected with one TypeError', async () => {
  for (const count of [2, 3, 1_000]) {
    const deferreds = Array.from({ length: count }, () => new Deferred<unknown>());
    for (let i = 0; i < count; i++) deferreds[i]!.resolve(deferreds[(i + 1) % count]!.future);
    const reasons = await Promise.all(deferreds.map(({ future }) => future.catch((reason: unknown) => reason)));
    expect(reasons[0]).toBeInstanceOf(TypeError);
    expect(new Set(reasons).size).toBe(1);
  }
});

it('two steps that return each other’s futures are rejected', async () => {
  const head = new Deferred<number>();
  const a: Future<unknown> = head.future.pipe(chain(() => b));
  const b: Future<unknown> = head.future.pipe(chain(() => a));
  head.resolve(1);
  await expect(a).rejects.toThrow(TypeError);
  await expect(b).rejects.toThrow(TypeError);
});

it('a step that returns a task with the step’s own future as its argument is rejected', async () => {
  await using executor = open('values.js', { maxWorkers: 1 });
  const future: Future<unknown> = executor.tasks.echo(1).pipe(chain(() => executor.tasks.echo(future)));
  await expect(future.result({ timeout: 2_000 })).rejects.toThrow(TypeError);
});

describe('no cycle', () => {
  it('a step that uses its own future without waiting for it is not a cycle', async () => {
    const head = new Deferred<number>();
    const seen: unknown[] = [];
    const future: Future<number> = head.future.pipe(
      chain(async () => {
        void (async () => seen.push(await future))();
        void future.then((value) => seen.push(value));
        void Promise.all([future]).then(([value]) => seen.push(value));
        // Neither of the next two promises is the one that the step returns.
        void new Promise((resolve) => resolve(future)).then((value) => seen.push(value));
        void new Promise((resolve, reject) => future.then(resolve, reject)).then((value) => seen.push(value));
        await timeSlice();
        return 2;
      }),
    );
    head.resolve(1);
    expect(await future).toBe(2);
    await timeSlice();
    expect(seen).toEqual([2, 2, 2, 2, 2]);
  });

  it('code that awaits the future while the promise of the step runs is not a cycle', async () => {
    const head = new Deferred<number>();
    const future: Future<number> = head.future.pipe(
      chain(() =>
        head.future
          .result()
          .then(callsThen)
          .then(timeSlice)
          .then(() => 3),
      ),
    );
    // The job that resolves the promise of the step is the job in which `then` is called.
    function callsThen(): number {
      void new Promise((resolve, reject) => future.then(resolve, reject));
      return 3;
    }
    head.resolve(1);
    expect(await future).toBe(3);
  });

  it('a call of `then` in the job that resolves the promise of the step is not a cycle', async () => {
    const head = new Deferred<number>();
    const rest = new Deferred<number>();
    const future: Future<number> = head.future.pipe(
      chain(() =>
        Promise.resolve().then(() => {
          void new Promise((resolve, reject) => future.then(resolve, reject));
          return rest.future;
        }),
      ),
    );
    head.resolve(1);
    await timeSlice();
    expect(future.isSettled).toBe(false);
    rest.resolve(4);
    expect(await future).toBe(4);
  });
});
