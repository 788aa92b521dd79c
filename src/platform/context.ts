/**
 * Async contexts: the stores of AsyncLocalStorage that the caller's code sees.
 *
 * A callback runs in the context of the code that added it (G23), so whatever keeps a callback keeps a context with it. Captures without a store are one
 * shared object, and a program that uses no AsyncLocalStorage pays nothing.
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

/** Node 24 and later: the property by which an AsyncResource holds all stores. Older Nodes note each store on the resource itself. */
const frame = frameOf();

/** Some storage of the process was entered. */
let isUsed = false;
watchUse();

/** The context of the caller. */
export function here(): Context {
  if (!isUsed) return empty;
  const resource = new AsyncResource(NAME);
  return frame !== undefined && resource[frame as never] === undefined ? empty : resource;
}

/** Calls the user's code in the context. */
export function call<A, R>(context: Context, fn: (arg: A) => R, self: unknown, arg: A): R {
  if (!isUsed) return fn.call(self, arg);
  return context === empty ? inEmpty(() => fn.call(self, arg)) : context.runInAsyncScope(fn, self, arg);
}

/** Runs a part of the library outside of every store. */
export function outside<R>(run: () => R): R {
  return inEmpty(run);
}

/** Calls the user's code outside of every store. */
export function callOutside<R>(fn: () => R): R {
  return call(empty, fn, undefined, undefined);
}

/** On older Nodes `storage.enterWith` in here leaves its store on `empty`, for the next callback and for whatever is outside. */
function inEmpty<R>(run: () => R): R {
  if (frame !== undefined || !isUsed) return empty.runInAsyncScope(run);
  removeStores();
  try {
    return empty.runInAsyncScope(run);
  } finally {
    removeStores();
  }
}

function removeStores(): void {
  for (const key of Object.getOwnPropertySymbols(empty)) {
    if (key.description === 'kResourceStore') delete empty[key as never];
    else if (key.description === 'context_frame') Object.assign(empty, { [key]: undefined });
  }
}

/**
 * Sees the first use of a storage: before the import by what is active now, later by `run` and `enterWith`, which are put back then. Nothing else tells
 * at no cost: to look at a new AsyncResource takes 30 ns for each subscriber on Node 24 and later, and 200 ns before (2026-11).
 *
 * Not seen: a store that was entered before the import, is not active during the import, and stays the last that the program enters.
 */
function watchUse(): void {
  const now = new AsyncResource(NAME);
  isUsed =
    (frame !== undefined && now[frame as never] !== undefined) ||
    Object.getOwnPropertySymbols(now).some(({ description }) => description === 'kResourceStore');
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
  const look = () => probe.run(true, () => new AsyncResource(NAME)[key as never]);
  // Undefined under --no-async-context-frame. In a scope, because `run` leaves a trace of the storage in the context of its caller.
  const stores = empty.runInAsyncScope(look);
  probe.disable();
  return stores === undefined ? undefined : key;
}
