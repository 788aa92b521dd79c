/**
 * Async contexts: the stores of AsyncLocalStorage that the caller's code sees.
 *
 * A callback runs in the context of the code that added it (G23), so whatever keeps a callback keeps a context with it. Captures without a store are one
 * shared object: a program that uses no AsyncLocalStorage pays for the look, and keeps nothing.
 *
 * The library's own timers, ports and workers are made outside of every store. Otherwise a worker would keep the store of the first request
 * alive, and everything that the worker causes would run in that store.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

/** A captured context. */
export type Context = Pick<AsyncResource, 'runInAsyncScope'>;

const NAME = 'RX_FUTURES';

/** No store is active in it. */
const empty = new AsyncResource(NAME);
// The program may import the library while it handles a request.
removeStores();

/** Node 24 and later: the property by which an AsyncResource holds all stores. */
const frame = frameOf();

/** On older Nodes: some storage of the process was entered. From then on a capture is a resource of its own, on which Node notes the stores. */
let isUsed = false;
if (frame === undefined) watchUse();

/** The library's own code runs, outside of every store, and no code of the user is on the stack above it. */
let isOutside = false;

/**
 * The context of the caller.
 *
 * The look costs 25 ns on Node 24 and later (2026-11). It is tempting to remember the answer for the rest of the tick; but `storage.run` may begin
 * in the middle of a tick.
 */
export function here(): Context {
  if (frame === undefined) return isUsed ? new AsyncResource(NAME) : empty;
  const resource = new AsyncResource(NAME);
  return resource[frame as never] === undefined ? empty : resource;
}

/** Calls the user's code in the context. */
export function call<A, R>(context: Context, fn: (arg: A) => R, self: unknown, arg: A): R {
  const wasOutside = isOutside;
  isOutside = false;
  try {
    return wasOutside && context === empty ? fn.call(self, arg) : context.runInAsyncScope(fn, self, arg);
  } finally {
    isOutside = wasOutside;
    if (isUsed && context === empty) removeStores();
  }
}

/** Runs a part of the library outside of every store. */
export function outside<R>(run: () => R): R {
  const wasOutside = isOutside;
  if (wasOutside) return run();
  isOutside = true;
  try {
    return empty.runInAsyncScope(run);
  } finally {
    isOutside = false;
  }
}

/** Calls the user's code outside of every store. */
export function callOutside<R>(fn: () => R): R {
  return call(empty, fn, undefined, undefined);
}

/** On older Nodes `storage.enterWith` in a function that was called outside of every store would leave the store on `empty`. */
function removeStores(): void {
  for (const key of Object.getOwnPropertySymbols(empty)) {
    if (key.description === 'kResourceStore') delete empty[key as never];
    else if (key.description === 'context_frame') Object.assign(empty, { [key]: undefined });
  }
}

/**
 * Sees the first use of a storage, before the import or after it. On Node 20 and 22 nothing else tells cheaply: to look through the symbols of the current
 * resource took 200 ns a subscription, and a capture for each of many pending futures as long.
 */
function watchUse(): void {
  isUsed = Object.getOwnPropertySymbols(new AsyncResource(NAME)).some(
    ({ description }) => description === 'kResourceStore',
  );
  if (isUsed) return;
  const { prototype } = AsyncLocalStorage;
  const { run, enterWith } = prototype;
  const watched = (method: Function) =>
    function (this: unknown, ...args: unknown[]) {
      isUsed = true;
      if (prototype.run === watchedRun) replace({ run });
      if (prototype.enterWith === watchedEnterWith) replace({ enterWith });
      return Reflect.apply(method, this, args);
    };
  const replace = (methods: object) => {
    for (const [name, value] of Object.entries(methods)) Object.defineProperty(prototype, name, { value });
  };
  const watchedRun: unknown = watched(run);
  const watchedEnterWith: unknown = watched(enterWith);
  try {
    replace({ run: watchedRun, enterWith: watchedEnterWith });
  } catch {
    // Frozen intrinsics.
    isUsed = true;
  }
}

function frameOf(): symbol | undefined {
  // On older Nodes the probe would switch on the async hooks, which slows all promises of the process.
  if (Number.parseInt(process.versions.node, 10) < 24) return undefined;
  const key = Object.getOwnPropertySymbols(empty).find(({ description }) => description === 'context_frame');
  if (key === undefined) return undefined;
  const probe = new AsyncLocalStorage<true>();
  // Undefined under --no-async-context-frame.
  const stores = probe.run(true, () => new AsyncResource(NAME)[key as never]);
  probe.disable();
  return stores === undefined ? undefined : key;
}
