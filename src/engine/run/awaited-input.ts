/**
 * Inputs of `map` that are promises. The task of such an input waits for the promise, as a task
 * waits for an argument that is a Future.
 */
import { Future } from '../../future/future.js';
import { isFuture } from '../../future/is-future.js';
import { asPromise, whenDone } from '../../protocol/thenable.js';

/**
 * Returns a future of the value of a promise or another thenable; undefined for every other input.
 * The failure of the promise is reported through its item. The future itself reports no failure,
 * even if the map ends before it reaches the item.
 */
export function futureOf(input: unknown): Future<unknown> | undefined {
  if (typeof input !== 'object' || input === null || isFuture(input)) return undefined;
  const promise = promiseOf(input);
  if (promise === undefined) return undefined;
  const future = Future.from(promise);
  future._observe();
  return future;
}

function promiseOf(input: object): Promise<unknown> | undefined {
  try {
    return asPromise(input);
  } catch (error) {
    // A getter of `then` has thrown.
    return Promise.reject(error);
  }
}

/**
 * Adds a handler to each promise in `inputs`. A promise may be rejected before the map reaches it.
 * Without a handler that would be an unhandled rejection, which ends the process.
 */
export function markHandled(inputs: Iterable<unknown>): void {
  for (const input of inputs) {
    try {
      if (input instanceof Promise) whenDone(input, undefined, () => {});
    } catch {
      // The input is a revoked Proxy or not a real promise. It fails when the map reaches it.
    }
  }
}
