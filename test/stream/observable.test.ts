/**
 * Observables of another library, and of another copy of RxJS. They are accepted wherever an
 * Observable of this copy is.
 */
import { asCompleted, chain, Deferred, Executor, Future, recover } from 'rx-futures';
import { lastValueFrom, type Observable, of, throwError, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const error = new Error('lost');
const all = <T>(stream: Observable<T>) => lastValueFrom(stream.pipe(toArray()));

interface Observer {
  next(value: unknown): void;
  error(error: unknown): void;
  complete(): void;
}

/** The subscribe function of another library's Observable. */
type Subscribe = (observer: Observer) => void;

const left = vi.fn();

/** An object with the interop method under one key. */
function foreign(name: PropertyKey, subscribe: Subscribe): any {
  return {
    [name]: () => ({
      subscribe(observer: Observer) {
        subscribe(observer);
        return { unsubscribe: left };
      },
    }),
  };
}

/**
 * An Observable of another copy of RxJS. It is not an instance of this copy's class, but has
 * `lift`.
 */
function otherCopy(subscribe: Subscribe): any {
  return {
    lift: () => {},
    subscribe(observer: Observer) {
      subscribe(observer);
      return { unsubscribe: left };
    },
  };
}

const late = Symbol('observable');
const had = Object.getOwnPropertyDescriptor(Symbol, 'observable');

beforeEach(() => {
  left.mockClear();
  // RxJS was loaded before the polyfill, so it does not know the key.
  Object.defineProperty(Symbol, 'observable', { value: late, configurable: true });
});

afterEach(() => {
  if (had === undefined) delete (Symbol as { observable?: symbol }).observable;
  else Object.defineProperty(Symbol, 'observable', had);
});

describe.each<[string, (subscribe: Subscribe) => any]>([
  ['known as Symbol.observable', (subscribe) => foreign(late, subscribe)],
  ["known as '@@observable'", (subscribe) => foreign('@@observable', subscribe)],
  ['of another copy of RxJS', otherCopy],
])('an Observable %s', (_, make) => {
  const twoValues = () => make((observer) => of(1, 2).subscribe(observer));
  const failing = () => make((observer) => throwError(() => error).subscribe(observer));
  const endless = () => make(() => {});

  it('a step subscribes to the Observable that it returns', async () => {
    expect(await Future.resolve(0).pipe(chain(twoValues))).toBe(2);
    expect(await Future.reject(error).pipe(recover(twoValues))).toBe(2);
    await expect(Future.resolve(0).pipe(chain(failing))).rejects.toBe(error);
    const deferred = new Deferred<number>();
    const end = deferred.future.pipe(chain(twoValues));
    deferred.resolve(0);
    expect(await end).toBe(2);
  });

  it('a step on another Observable subscribes to the Observable that it returns', async () => {
    expect(await all(of('a', 'b').pipe(chain(twoValues)))).toEqual([1, 2, 1, 2]);
    expect(await all(throwError(() => error).pipe(recover(twoValues)))).toEqual([1, 2]);
    await expect(all(of(0).pipe(chain(failing)))).rejects.toBe(error);
  });

  it('Future.from accepts the Observable', async () => {
    expect(await Future.from(twoValues())).toBe(2);
    await expect(Future.from(failing())).rejects.toBe(error);
  });

  it('cancelling the future unsubscribes from the Observable', () => {
    const future = Future.from(endless());
    expect(left).not.toHaveBeenCalled();
    future.cancel();
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('map and asCompleted accept the Observable as input', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    expect(await all(executor.map((n: number) => 2 * n, twoValues()))).toEqual([2, 4]);
    const futures = make((observer) => of(Future.resolve(1), Future.resolve(2)).subscribe(observer));
    expect(await all(asCompleted(futures))).toHaveLength(2);
    await expect(all(executor.map((n: number) => 2 * n, failing()))).rejects.toBe(error);
  });
});

it('a step is rejected with a TypeError if the interop method returns no Observable', async () => {
  await expect(Future.resolve(0).pipe(chain(() => ({ '@@observable': () => 1 }) as never))).rejects.toThrow(TypeError);
});
