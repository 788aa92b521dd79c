/**
 * A variable that a piece of code sees until its first await. A browser has no AsyncLocalStorage.
 */

/** False: after an await, the store is not known. */
export const followsAwaits = false;

export class AsyncLocalStorage<T> {
  #store: T | undefined;

  /** Returns a function that calls others. It has no store to restore. */
  static snapshot(): <R>(fn: () => R) => R {
    return (fn) => fn();
  }

  getStore(): T | undefined {
    return this.#store;
  }

  run<R>(store: T, fn: () => R): R {
    const before = this.#store;
    this.#store = store;
    try {
      return fn();
    } finally {
      this.#store = before;
    }
  }
}
