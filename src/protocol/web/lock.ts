/**
 * Notices that a worker of a browser has ended. No event of the worker reports its end. A ping
 * can't show it, because a worker that runs a long synchronous task does not answer either.
 *
 *   1. The worker requests a lock, and posts `lock-held` when it has the lock. It boots after that,
 *      so the page can notice the end of every worker that receives jobs.
 *   2. The page requests the same lock.
 *   3. The browser releases the lock of a worker that has ended, and grants it to the page.
 *
 * A page without locks notices only the workers that close themselves, because they say so.
 */

/** Locks of the browser. Missing on a page that was loaded over http from another machine. */
interface Locks {
  request(name: string, granted: () => unknown): Promise<unknown>;
}

/** Returns the name of a lock that a worker must hold. Returns undefined without locks. */
export function lockName(): string | undefined {
  return locks() === undefined ? undefined : `rx-futures ${crypto.randomUUID()}`;
}

/** Calls back when the worker that holds the lock has ended. */
export function whenEnded(lock: string, ended: () => void): void {
  // A page that is being left aborts the request.
  void locks()!
    .request(lock, ended)
    .catch(() => {});
}

/**
 * Holds the lock until this worker ends. Resolves with true when the worker has it, or with false
 * if the browser refuses locks to this worker.
 */
export function holdLock(lock: string): Promise<boolean> {
  return new Promise((resolve) => {
    const held = () => {
      resolve(true);
      return new Promise(() => {});
    };
    const refused = () => resolve(false);
    locks()?.request(lock, held).catch(refused) ?? refused();
  });
}

function locks(): Locks | undefined {
  return (globalThis as { readonly navigator?: { readonly locks?: Locks } }).navigator?.locks;
}
