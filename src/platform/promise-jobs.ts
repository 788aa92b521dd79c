/** Observes how the JavaScript engine runs the jobs of promises. Main thread only. */
import v8 from 'node:v8';
import { isBun } from './which-runtime.js';

/** Undefined on Bun. Bun 1.4 has the functions, but each call of them throws. */
const hooks = isBun ? undefined : v8.promiseHooks;

/**
 * Calls `listener` once, at the end of the next job of any promise, with that promise.
 *
 * On Node 20 and 22 the first use of this function makes each later `await` of the thread 0.1 us
 * slower. On Bun the listener is never called.
 */
export function afterNextJob(listener: (promise: Promise<unknown>) => void): void {
  const unhook: unknown = hooks?.onAfter((promise) => {
    (unhook as () => void)();
    listener(promise);
  });
}

/** Returns whether JavaScript code called `fn`. Returns false if the engine called it. */
export function hasCaller(fn: Function): boolean {
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
 * Returns whether the frame is the loop that runs microtasks after a tick. Node implements this
 * loop in JavaScript. A callback of `queueMicrotask` is called from that file too, by the function
 * `runMicrotask`.
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
