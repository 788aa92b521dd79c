/**
 * The messages of a worker in a browser, besides those of every session. They travel through the
 * port of the session, so they follow all messages that were posted before.
 */
import type { FromWorker } from '../messages.js';

export type FromWebWorker =
  | FromWorker
  /** The worker holds the lock of its session, which it loses when it ends. */
  | { readonly type: 'lock-held' }
  /** The farewell of a worker that closes itself: its last message. `exitCode` is 0 after `end`. */
  | { readonly type: 'left'; readonly exitCode: number | undefined };
