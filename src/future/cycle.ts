/**
 * Detects futures that would wait for themselves. Promises/A+ (2.3.1) rejects such a future with a
 * TypeError. Otherwise it would stay pending forever.
 */
import { afterNextJob, hasCaller } from '#platform/promise-jobs';
import { queueMicrotask } from '#platform/time';
import type { Future } from './future.js';
import { hasReactions } from './reaction.js';
import { reject } from './settle.js';

export function cycleError(future: Future<any>): TypeError {
  return new TypeError(
    `Future "${future.name}" (#${future.id}) was resolved with itself or with a future that waits for it, so it could never settle. Return a different value from the step.`,
  );
}

/**
 * Maximum length of a cycle that is detected. Without a limit, each new future that waits for a
 * long chain would walk through the whole chain.
 */
const LONGEST_CYCLE = 1_000;

/** Returns whether `source` is `target`, or waits for it through a chain of futures. */
export function leadsTo(source: Future<any>, target: Future<any>): boolean {
  if (source === target) return true;
  if (!hasReactions(target._reactions)) return false;
  let at: Future<any> | undefined = source;
  for (let length = 0; at !== undefined && !at.isSettled && length < LONGEST_CYCLE; length++) {
    at = at._producer.source;
    if (at === target) return true;
  }
  return false;
}

/**
 * Called when `future.then` is called while `future` waits for `promise`. If the JavaScript engine
 * made the call because `promise` was resolved with `future`, rejects `future`. An async step that
 * returns its own future leads to such a call.
 *
 * A promise does not reveal the value that it was resolved with, but two observations show it:
 *
 *   1. While the engine resolves a promise with a thenable, it calls `then` without a caller on the
 *      stack.
 *   2. The hook for the end of a promise's job names the promise.
 *
 * The hook is installed only if the call may belong to a cycle, because hooks cost time.
 */
export function rejectCycle(future: Future<any>, promise: Promise<unknown>, then: Function, resolve: unknown): void {
  if (!isNative(resolve) || hasCaller(then)) return;
  afterNextJob((resolved) => {
    if (resolved === promise) queueMicrotask(() => reject(future, cycleError(future)));
  });
}

function isNative(fn: unknown): boolean {
  return (
    typeof fn === 'function' && fn.name === '' && /\{ \[native code\] \}$/.test(Function.prototype.toString.call(fn))
  );
}
