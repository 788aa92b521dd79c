/**
 * The messages through the public port of a worker that a function of the program has created.
 * They open a session, which then has a port of its own.
 *
 *   1. The main thread posts FIND. The worker may not listen yet, and the message may be lost.
 *   2. The worker calls serveWorker(), which posts SERVING. It posts SERVING again for each FIND,
 *      because the main thread may have started to listen too late for the first one.
 *   3. The main thread posts {@link OpenRequest} after the first SERVING, so the request is never
 *      lost.
 */

/** The property that marks these messages, because tasks and the program use the same port. */
const MARK = 'rxFutures';

export const FIND = { [MARK]: 'find' } as const;
export const SERVING = { [MARK]: 'serving' } as const;

/** Opens a session. `request` is what the worker's half of the session receives. */
export interface OpenRequest<R = unknown> {
  readonly [MARK]: 'open';
  readonly request: R;
}

export function openRequest<R>(request: R): OpenRequest<R> {
  return { [MARK]: 'open', request };
}

/** Returns whether a message of the public port is one of these messages, of the given type. */
export function isHandshake(message: unknown, type: 'find' | 'serving' | 'open'): boolean {
  return typeof message === 'object' && message !== null && (message as Record<string, unknown>)[MARK] === type;
}
