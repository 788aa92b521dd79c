/**
 * Async contexts: the stores of AsyncLocalStorage that a piece of code sees.
 *
 * A callback runs in the async context of the code that added it (G23). Therefore every object that
 * keeps a callback also keeps a context. All contexts without a store are one shared object, so a
 * program that does not use AsyncLocalStorage pays nothing.
 *
 * The library creates its own timers, ports and workers outside of every store. Otherwise a worker
 * would keep the store of the first request alive, and all code that the worker triggers would run
 * in that store.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';

/** A captured async context. */
export type Context = Pick<AsyncResource, 'runInAsyncScope'>;

const NAME = 'RX_FUTURES';

/** An object that remembers the stores of the code that created it. */
class CapturedContext extends AsyncResource {
  /** Tools such as `jest --detectOpenHandles` do not list an object for which this is false. */
  hasRef(): boolean {
    return false;
  }
}

/** The context in which no store is active. */
const empty = new CapturedContext(NAME);
// The program may import the library while it handles a request, with stores active.
removeStores();

/**
 * The property in which an AsyncResource of Node 24 and later holds all stores. Undefined on older
 * Nodes, which keep each store in a property of its own on the resource.
 */
const frame = frameOf();

/** True once any AsyncLocalStorage of the process has been entered. */
let isUsed = false;
watchUse();

/** Captures the async context of the caller. */
export function here(): Context {
  if (!isUsed) return empty;
  const resource = new CapturedContext(NAME);
  return frame !== undefined && resource[frame as never] === undefined ? empty : resource;
}

/** Calls code of the user in `context`. */
export function call<A, R>(context: Context, fn: (arg: A) => R, self: unknown, arg: A): R {
  if (!isUsed) return fn.call(self, arg);
  return context === empty ? inEmpty(() => fn.call(self, arg)) : context.runInAsyncScope(fn, self, arg);
}

/** Runs code of the library outside of every store. */
export function outside<R>(run: () => R): R {
  return inEmpty(run);
}

/** Calls code of the user outside of every store. */
export function callOutside<R>(fn: () => R): R {
  return call(empty, fn, undefined, undefined);
}

/**
 * Runs a function in the empty context. On older Nodes a `storage.enterWith` in that function would
 * leave its store on `empty`, where later callbacks and the library would see it.
 */
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
 * Detects the first use of an AsyncLocalStorage. A use before the import shows in the stores that
 * are active now. Later uses are detected by wrapping `run` and `enterWith`, which are restored at
 * the first use.
 *
 * There is no cheaper way. Creating an AsyncResource and checking it would cost every subscriber 30
 * ns on Node 24 and later, and 200 ns on older Nodes (2026-11).
 *
 * One case is missed: a store was entered before the import, is not active during the import, and
 * no other store is entered later.
 */
function watchUse(): void {
  const now = new CapturedContext(NAME);
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
    // The methods can't be replaced if intrinsics are frozen (`node --frozen-intrinsics`).
    isUsed = true;
  }
}

function frameOf(): symbol | undefined {
  // On older Nodes the probe would enable async hooks, which slow down all promises of the process.
  if (Number.parseInt(process.versions.node, 10) < 24) return undefined;
  const key = Object.getOwnPropertySymbols(empty).find(({ description }) => description === 'context_frame');
  if (key === undefined) return undefined;
  const probe = new AsyncLocalStorage<true>();
  const look = () => probe.run(true, () => new CapturedContext(NAME)[key as never]);
  // The result is undefined under --no-async-context-frame. The probe runs in a scope of `empty`,
  // because `run` leaves a trace of the storage in the context of its caller.
  const stores = empty.runInAsyncScope(look);
  probe.disable();
  return stores === undefined ? undefined : key;
}
