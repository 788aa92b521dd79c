/**
 * The port between a session and its runtime: a thread, a child process, or the calling thread. The
 * folder of each backend has a `host.ts` that implements it. No other file of the worker's side
 * knows the runtime.
 *
 * The host creates the {@link Session} and calls its methods:
 *
 *   - `boot`, once
 *   - `receive`, for each message of the main thread
 *   - `fault`, for each error that escaped all promises
 *   - `flush`, before the worker ends
 */
import type { Namespace } from '#platform/load-module';
import type { FromWorker, ToWorker } from '../protocol/messages.js';
import type { LinkMessage } from '../protocol/stream/messages.js';
import type { Transferable } from '../protocol/transfer.js';

export interface Host {
  /** Returns the exports of the task module at a URL, which are the tasks. */
  readonly importModule: (url: string) => Promise<Namespace>;
  readonly post: Post;
  /**
   * Waits for the output of tasks, so that a result does not overtake the output of its own task.
   */
  readonly drainOutput: Drain;
  /** Waits for posted messages. A child process may end before its messages are written. */
  readonly drainPosts: Drain;
  /**
   * Loads the task module instead of the URL in `SessionConfig`. Each call of a task then reads
   * the export again, because a test may replace it with a spy.
   */
  readonly loadModule?: (() => Promise<Namespace>) | undefined;
  /**
   * Returns the next message that has arrived, without a turn of the event loop. Returns undefined
   * if there is none. Undefined on a runtime whose messages arrive only in a turn.
   */
  readonly next?: (() => ToWorker | undefined) | undefined;
  /**
   * Opens one end of a link to another worker. Undefined on a runtime whose workers can't reach
   * each other.
   */
  readonly openLink?: ((port: unknown, listener: LinkListener) => Link) | undefined;
  /**
   * Called when the main thread has ended the session. Releases everything that keeps this worker
   * alive.
   */
  readonly end: () => void;
}

/** One end of a link between two workers. */
export interface Link {
  /** @throws DataCloneError if the message can't be posted. Then nothing was posted */
  post(message: LinkMessage, transfer?: readonly Transferable[]): void;
  /** Handles all messages that have arrived, without a turn of the event loop. */
  drain(): void;
}

export interface LinkListener {
  receive(message: LinkMessage): void;
  /** The worker at the other end has ended. */
  closed(): void;
}

/**
 * Posts a message to the main thread.
 *
 * @throws DataCloneError if the message can't be posted. Then nothing was posted
 */
export type Post = (message: FromWorker, transfer?: readonly Transferable[]) => void;

/**
 * Calls back when data has reached the main thread. Returns false if there is nothing to wait for.
 */
export type Drain = (drained: () => void) => boolean;
