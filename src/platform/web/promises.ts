/** Recognizes native promises. */

/** Returns true for a native promise. An object with a `then` is not one. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise;
}
