/**
 * Treats thenables as Promises/A+ (2.3.3) does: `then` is read once, and every error of a thenable
 * becomes a rejection. Used on both sides.
 */
import { isPromise } from '#platform/promises';

/** The original `then`, which is read before other code can replace it. */
const { then: nativeThen } = Promise.prototype;

/**
 * Returns a native promise for a thenable. Returns `undefined` for any other value. `then` is
 * called in a microtask, as with `await`.
 *
 * @throws the error of a getter of `then`
 */
export function asPromise(value: unknown): Promise<unknown> | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  const { then } = value as { then?: unknown };
  if (typeof then !== 'function') return undefined;
  if (then === nativeThen && isPromise(value)) return value;
  const once = { then: (resolve: unknown, reject: unknown) => Reflect.apply(then, value, [resolve, reject]) };
  return new Promise((resolve) => resolve(once as PromiseLike<unknown>));
}

/**
 * Calls `promise.then` of a promise that {@link asPromise} returned, without reading `then` again.
 */
export function whenDone(
  promise: Promise<unknown>,
  fulfilled: ((value: unknown) => void) | undefined,
  rejected: (reason: unknown) => void,
): void {
  Reflect.apply(nativeThen, promise, [fulfilled, rejected]);
}
