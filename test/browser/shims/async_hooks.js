/** `node:async_hooks` in a browser: a store is seen only by the synchronous part of `run`. */
export class AsyncLocalStorage {
  #store;

  getStore() {
    return this.#store;
  }

  run(store, fn, ...args) {
    const before = this.#store;
    this.#store = store;
    try {
      return fn(...args);
    } finally {
      this.#store = before;
    }
  }
}
