/**
 * How a future adopts a result that is a promise, a thenable, a future or an Observable (G16), as
 * Promises/A+ 2.3 requires.
 */
import { CancelledError, chain, Deferred, Future, recover } from 'rx-futures';
import { EmptyError, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';

const error = new RangeError('lost');

/** Ways in which a future receives a result. The head has settled before, or settles afterwards. */
const ways: readonly [string, (result: unknown) => Future<any>][] = [
  ['chain on a settled future', (result) => Future.resolve(1).pipe(chain(() => result))],
  [
    'chain on a pending future',
    (result) =>
      later(
        'resolve',
        chain(() => result),
      ),
  ],
  [
    'recover',
    (result) =>
      later(
        'reject',
        recover(() => result),
      ),
  ],
  [
    'chain with an async function',
    (result) =>
      later(
        'resolve',
        chain(async () => result),
      ),
  ],
  ['Deferred.resolve', (result) => resolved(result)],
  ['Future.resolve', (result) => Future.resolve(result)],
  ['Future.from a promise', (result) => Future.from(new Promise((resolve) => resolve(result)))],
];

describe.each(ways)('%s', (_, give) => {
  it('a future reads `then` of a thenable once and adopts its first answer', async () => {
    const read = vi.fn();
    const thenable = {
      get then() {
        read();
        return (resolve: (value: unknown) => void, reject: (reason: unknown) => void) => {
          resolve('first');
          resolve('second');
          reject(error);
          throw error;
        };
      },
    };
    await expect(give(thenable)).resolves.toBe('first');
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('a future reads a `then` that is not a function once and keeps the object as its value', async () => {
    const read = vi.fn();
    const object = {
      get then() {
        read();
        return undefined;
      },
    };
    const { value } = (await give(object).settled()) as { value?: unknown };
    expect(value).toBe(object);
  });

  it.each<[string, () => unknown]>([
    ['a `then` that throws', () => ({ then: () => raise() })],
    ['a getter of `then` that throws', () => Object.defineProperty({}, 'then', { get: raise })],
    [
      'a thenable that rejects',
      () => ({ then: (_resolve: unknown, reject: (reason: unknown) => void) => reject(error) }),
    ],
    ['a promise that rejects', () => Promise.reject(error)],
    ['a future that rejects', () => Future.reject(error)],
    ['a thenable of a thenable that rejects', () => ({ then: (resolve: Function) => resolve(Promise.reject(error)) })],
    ['a Proxy of a promise', () => new Proxy(Object.assign(Promise.resolve(1)), { get: raise })],
  ])('a future rejects with the error of %s', async (_name, make) => {
    await expect(give(make())).rejects.toBe(error);
  });

  it('a future rejects with a TypeError for a revoked Proxy', async () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    await expect(give(proxy)).rejects.toBeInstanceOf(TypeError);
  });

  it('a function with a `then` is a thenable', async () => {
    const thenable = Object.assign(() => {}, { then: (resolve: (value: number) => void) => resolve(1) });
    await expect(give(thenable)).resolves.toBe(1);
  });

  it('a future adopts a future, and a thenable that resolves with a future', async () => {
    await expect(give(Future.resolve(1))).resolves.toBe(1);
    await expect(give({ then: (resolve: Function) => resolve(Future.resolve(2)) })).resolves.toBe(2);
  });
});

describe('Deferred.resolve', () => {
  it('resolve() adopts a promise, after which only the promise or a cancel settles the future', async () => {
    const deferred = new Deferred<number>();
    expect(deferred.resolve(Promise.resolve(1))).toBe(true);
    expect(deferred.future.isSettled).toBe(false);
    expect([deferred.resolve(2), deferred.reject(error)]).toEqual([false, false]);
    expect(await deferred.future).toBe(1);
  });

  it('resolve() adopts a future and its cancellation, and settles in the same turn', () => {
    const source = new Deferred<number>();
    const deferred = new Deferred<number>();
    deferred.resolve(source.future);
    source.cancel('enough');
    expect(deferred.future.outcome).toMatchObject({ status: 'cancelled', reason: { cause: 'enough' } });
  });

  it('cancel() also cancels an adopted future that nothing else uses', () => {
    const source = new Deferred<number>();
    const shared = new Deferred<number>();
    shared.future.subscribe();
    for (const { future } of [source, shared]) {
      const deferred = new Deferred<number>();
      deferred.resolve(future);
      expect(deferred.cancel()).toBe(true);
      expect(deferred.future.state).toBe('cancelled');
    }
    expect([source.future.state, shared.future.state]).toEqual(['cancelled', 'pending']);
  });

  it('resolve() keeps an Observable as a value, as a native promise does', () => {
    const value = of(1);
    const deferred = new Deferred<unknown>();
    deferred.resolve(value);
    expect(deferred.future.outcome).toMatchObject({ status: 'fulfilled', value });
  });

  it('a Deferred observes the failure of an adopted future and must be observed itself', async () => {
    const source = new Deferred<number>();
    const deferred = new Deferred<number>();
    deferred.resolve(source.future);
    source.reject(error);
    await expect(deferred.future).rejects.toBe(error);
  });
});

describe('Future.resolve', () => {
  it('Future.resolve() returns a Future unchanged', () => {
    const future = Future.reject(error);
    expect(Future.resolve(future)).toBe(future);
    return expect(future).rejects.toBe(error);
  });
});

describe('a step that returns an Observable', () => {
  it('the future of a step settles at once with the last value of a synchronous Observable', () => {
    const future = Future.resolve(0).pipe(chain(() => of(1, 2, 3)));
    expect(future.outcome).toMatchObject({ status: 'fulfilled', value: 3 });
    expect(Future.resolve(0).pipe(chain(() => of())).outcome).toMatchObject({ reason: expect.any(EmptyError) });
    expect(Future.resolve(0).pipe(chain(() => throwError(() => error))).outcome).toMatchObject({ reason: error });
  });

  it('the Observable of a step is unsubscribed from if its future is cancelled during the subscribe call', () => {
    const left = vi.fn();
    const head = new Deferred<number>();
    const future: Future<number> = head.future.pipe(
      chain(
        () =>
          new Observable<number>((subscriber) => {
            subscriber.next(1);
            future.cancel('enough');
            expect(subscriber.closed).toBe(true);
            return left;
          }),
      ),
    );
    head.resolve(0);
    expect(future.state).toBe('cancelled');
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('the future of a step is rejected if subscribing to its Observable throws', () => {
    const foreign = { '@@observable': () => ({ subscribe: raise }) };
    expect(Future.resolve(0).pipe(chain(() => foreign as never)).outcome).toMatchObject({ reason: error });
  });

  it('the Observable of a step is unsubscribed from if its future is cancelled later', () => {
    const source = new Subject<number>();
    const future = Future.resolve(0).pipe(chain(() => source));
    expect(source.observed).toBe(true);
    future.cancel();
    expect(source.observed).toBe(false);
  });
});

it('a future that is cancelled by the getter of `then` stays cancelled', () => {
  const head = new Deferred<number>();
  const future: Future<unknown> = head.future.pipe(
    chain(() => Object.defineProperty({}, 'then', { get: () => void future.cancel() })),
  );
  head.resolve(0);
  expect(future.outcome).toMatchObject({ status: 'cancelled', reason: expect.any(CancelledError) });
});

function later(verb: 'resolve' | 'reject', operator: ReturnType<typeof chain<any, any>>): Future<any> {
  const head = new Deferred<any>();
  const end = head.future.pipe(operator);
  head[verb](0);
  return end;
}

function resolved(value: unknown): Future<any> {
  const deferred = new Deferred<unknown>();
  deferred.resolve(value);
  return deferred.future;
}

function raise(): never {
  throw error;
}
