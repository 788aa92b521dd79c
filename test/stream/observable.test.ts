/** Observables of another library, and of another copy of RxJS: taken wherever an Observable of this copy is. */
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

/** What another library's Observable does when it is subscribed to. */
type Subscribe = (observer: Observer) => void;

const left = vi.fn();

/** An object that other libraries know under one name. */
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

/** As another copy of RxJS makes them: no instance of this copy's class, with `lift`. */
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
  // RxJS was loaded before the polyfill, so it does not know the name.
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

  it('that a step returns is subscribed to', async () => {
    expect(await Future.resolve(0).pipe(chain(twoValues))).toBe(2);
    expect(await Future.reject(error).pipe(recover(twoValues))).toBe(2);
    await expect(Future.resolve(0).pipe(chain(failing))).rejects.toBe(error);
    const deferred = new Deferred<number>();
    const end = deferred.future.pipe(chain(twoValues));
    deferred.resolve(0);
    expect(await end).toBe(2);
  });

  it('that a step on another Observable returns is subscribed to', async () => {
    expect(await all(of('a', 'b').pipe(chain(twoValues)))).toEqual([1, 2, 1, 2]);
    expect(await all(throwError(() => error).pipe(recover(twoValues)))).toEqual([1, 2]);
    await expect(all(of(0).pipe(chain(failing)))).rejects.toBe(error);
  });

  it('is a source of Future.from', async () => {
    expect(await Future.from(twoValues())).toBe(2);
    await expect(Future.from(failing())).rejects.toBe(error);
  });

  it('is unsubscribed from when the future is cancelled', () => {
    const future = Future.from(endless());
    expect(left).not.toHaveBeenCalled();
    future.cancel();
    expect(left).toHaveBeenCalledTimes(1);
  });

  it('is an input of map and of asCompleted', async () => {
    await using executor = new Executor({ maxWorkers: 1 });
    expect(await all(executor.map((n: number) => 2 * n, twoValues()))).toEqual([2, 4]);
    const futures = make((observer) => of(Future.resolve(1), Future.resolve(2)).subscribe(observer));
    expect(await all(asCompleted(futures))).toHaveLength(2);
    await expect(all(executor.map((n: number) => 2 * n, failing()))).rejects.toBe(error);
  });
});

it('an object whose method returns no Observable rejects with a TypeError', async () => {
  await expect(Future.resolve(0).pipe(chain(() => ({ '@@observable': () => 1 }) as never))).rejects.toThrow(TypeError);
});
