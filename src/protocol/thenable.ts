/** Thenables, as Promises/A+ (2.3.3) treats them: `then` is read once, and whatever it does wrong rejects. Known on both sides. */
import { types } from 'node:util';

/** Before anything could replace it. */
const { then: nativeThen } = Promise.prototype;

/**
 * A native promise of what a thenable resolves to; undefined for any other value. The thenable's `then` is called in a microtask, as `await` does.
 *
 * @throws what a getter of `then` throws
 */
export function asPromise(value: unknown): Promise<unknown> | undefined {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  const { then } = value as { then?: unknown };
  if (typeof then !== 'function') return undefined;
  if (then === nativeThen && types.isPromise(value)) return value;
  const once = { then: (resolve: unknown, reject: unknown) => Reflect.apply(then, value, [resolve, reject]) };
  return new Promise((resolve) => resolve(once as PromiseLike<unknown>));
}

/** `promise.then` for a promise that {@link asPromise} returned: `then` is not read again. */
export function whenDone(
  promise: Promise<unknown>,
  fulfilled: ((value: unknown) => void) | undefined,
  rejected: (reason: unknown) => void,
): void {
  Reflect.apply(nativeThen, promise, [fulfilled, rejected]);
}
