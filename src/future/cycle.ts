/**
 * Detects futures that would wait for themselves. Promises/A+ (2.3.1) rejects such a future with a
 * TypeError. Otherwise it would stay pending forever.
 */

import v8 from 'node:v8';
import { queueMicrotask } from '../platform/time.js';
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
 * The hook is installed only if the call may belong to a cycle. On Node 20 and 22 the first use of
 * a hook makes each later `await` of the thread 0.1 us slower.
 */
export function rejectCycle(future: Future<any>, promise: Promise<unknown>, then: Function, resolve: unknown): void {
  if (!isNative(resolve) || hasCaller(then)) return;
  const unhook: unknown = v8.promiseHooks?.onAfter((resolved) => {
    (unhook as () => void)();
    if (resolved === promise) queueMicrotask(() => reject(future, cycleError(future)));
  });
}

function isNative(fn: unknown): boolean {
  return (
    typeof fn === 'function' && fn.name === '' && /\{ \[native code\] \}$/.test(Function.prototype.toString.call(fn))
  );
}

/** Returns whether JavaScript code called `fn`. Returns false if the engine called it. */
function hasCaller(fn: Function): boolean {
  try {
    const [caller] = callersOf(fn);
    // A frame marked as async is the function that waits. It appears in the trace but is not on the
    // stack.
    return caller !== undefined && caller.isAsync?.() !== true && !drainsMicrotasks(caller);
  } catch {
    // The trace can't be read if intrinsics are frozen (`node --frozen-intrinsics`).
    return true;
  }
}

/**
 * Returns whether the frame is Node's loop that runs microtasks after a tick, which is JavaScript.
 * A callback of `queueMicrotask` is called from that file too, by the function `runMicrotask`.
 */
function drainsMicrotasks(caller: Caller): boolean {
  return caller.getFileName() === 'node:internal/process/task_queues' && caller.getFunctionName() !== 'runMicrotask';
}

/** The part of V8's CallSite that is used here. */
type Caller = Pick<NodeJS.CallSite, 'getFileName' | 'getFunctionName'> & { isAsync?(): boolean };

function callersOf(fn: Function): Caller[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder, fn);
    return holder.stack as Caller[];
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}
