/** Async contexts, of which a browser has none. All code runs in the same one. */

/** A captured async context. */
export interface Context {
  runInAsyncScope<A, R>(fn: (arg: A) => R, self: unknown, arg: A): R;
}

const only: Context = {
  runInAsyncScope: (fn, self, arg) => fn.call(self, arg),
};

export function here(): Context {
  return only;
}

export function call<A, R>(_context: Context, fn: (arg: A) => R, self: unknown, arg: A): R {
  return fn.call(self, arg);
}

export function outside<R>(run: () => R): R {
  return run();
}

export function callOutside<R>(fn: () => R): R {
  return fn();
}
