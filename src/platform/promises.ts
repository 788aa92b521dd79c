/** Recognizes native promises. */
import { types } from 'node:util';

/** Returns true for a native promise of any realm. An object with a `then` is not one. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value);
}
