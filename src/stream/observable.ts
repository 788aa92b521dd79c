/** Observables of this copy of RxJS, of another copy, and of other libraries. */
import { type InteropObservable, isObservable, Observable, type Subscriber } from 'rxjs';
import { type Context, call, here } from '#platform/context';
import { interopMethod } from '../protocol/interop-observable.js';

/**
 * Returns `value` as an Observable of this copy of RxJS, or undefined if `value` is not an
 * Observable.
 *
 * RxJS accepts objects of other libraries only under the key that existed when RxJS was loaded:
 * `Symbol.observable`, or `'@@observable'` without a polyfill. This function accepts both keys.
 */
export function asObservable(value: unknown): Observable<unknown> | undefined {
  if (value instanceof Observable) return value;
  if (isObservable(value)) return of(() => value);
  const method = interopMethod(value);
  return method && of(() => Reflect.apply(method, value, []));
}

export function isObservableLike(value: unknown): value is Observable<unknown> | InteropObservable<unknown> {
  return isObservable(value) || interopMethod(value) !== undefined;
}

/**
 * Returns an Observable that emits the same values. Each subscriber is called in the async context
 * in which it subscribed.
 */
export function inContext<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => source.subscribe(calledIn(here(), subscriber)));
}

export function calledIn<T>(context: Context, subscriber: Subscriber<T>) {
  return {
    next: (value: T) => call(context, subscriber.next, subscriber, value),
    error: (error: unknown) => call(context, subscriber.error, subscriber, error),
    complete: () => call(context, subscriber.complete, subscriber, undefined),
  };
}

type Observed = { subscribe(observer: object): { unsubscribe?(): void } | (() => void) | undefined };

function of(open: () => unknown): Observable<unknown> {
  return new Observable((subscriber) => {
    const source = open() as Partial<Observed> | null | undefined;
    if (typeof source?.subscribe !== 'function') {
      throw new TypeError(
        'Symbol.observable: expected the method to return an object with subscribe(). Return an Observable from it.',
      );
    }
    // A plain observer is passed, because another library may not know RxJS's Subscribers.
    const subscription = source.subscribe({
      next: (value: unknown) => subscriber.next(value),
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
    return typeof subscription === 'function' ? subscription : () => subscription?.unsubscribe?.();
  });
}
