/**
 * A variable that follows a piece of code across its awaits. Unlike context.ts, this file watches
 * and wraps nothing, so that a worker can load it.
 */
export { AsyncLocalStorage } from 'node:async_hooks';

/** True: the store is known after each await. */
export const followsAwaits = true;
