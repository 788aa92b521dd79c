/** Futures that would wait for themselves. Promises/A+ (2.3.1) rejects them with a TypeError; otherwise they would stay pending for ever. */

import v8 from 'node:v8';
import { queueMicrotask } from '../platform/time.js';
import type { Future } from './future.js';
import { hasReactions } from './reaction.js';
import { reject } from './settle.js';

export function cycleError(future: Future<any>): TypeError {
  return new TypeError(
    `${future.name} (#${future.id}) was resolved with a future that waits for ${future.name} itself, so neither could ever settle. Return another value from the step.`,
  );
}

/** Futures in a cycle that is found. Without a limit, each new future that waits for a long chain would walk through all of it. */
const LONGEST_CYCLE = 1_000;

/** Whether `source` is `target`, or waits for it through a chain of futures. */
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
 * Somebody calls `future.then` while `future` waits for `promise`. If the engine calls it, because that very promise was resolved with the future (an
 * async step that returns its own future), the future is rejected.
 *
 * No promise tells what it was resolved with. But while the engine resolves a promise with a thenable, its `then` has no caller on the stack, and
 * the hook for the end of a promise's job names the promise. On Node 20 and 22 the first use of a hook makes each later `await` of the thread 0.1 us
 * slower; so nothing is hooked that could be no cycle.
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

/** Whether JavaScript has called `fn`, and not the engine. */
function hasCaller(fn: Function): boolean {
  try {
    const [caller] = callersOf(fn);
    // Of an async caller the function that waits is on the trace, not on the stack.
    return caller !== undefined && caller.isAsync?.() !== true && !drainsMicrotasks(caller);
  } catch {
    // Frozen intrinsics.
    return true;
  }
}

/** Node empties the queue of microtasks from JavaScript after a tick. `queueMicrotask` calls its callback from a function there too. */
function drainsMicrotasks(caller: Caller): boolean {
  return caller.getFileName() === 'node:internal/process/task_queues' && caller.getFunctionName() !== 'runMicrotask';
}

/** What V8 tells of a frame. */
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
