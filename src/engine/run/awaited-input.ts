/** Inputs of `map` that are promises: the task of such an input waits for it, as for an argument that is a Future. */
import { Future } from '../../future/future.js';
import { isFuture } from '../../future/is-future.js';
import { asPromise, whenDone } from '../../protocol/thenable.js';

/**
 * A future of what a promise or another thenable resolves to; undefined for every other input. Its failure is that of its item, also if the map ends
 * before it comes to the item: the future reports no failure of its own.
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
 * Promises that exist before the map comes to them may be rejected before it does. Without a handler that would be an unhandled rejection, which ends
 * the process.
 */
export function markHandled(inputs: Iterable<unknown>): void {
  for (const input of inputs) {
    try {
      if (input instanceof Promise) whenDone(input, undefined, () => {});
    } catch {
      // A revoked Proxy, or no real promise: it fails when its turn comes.
    }
  }
}
