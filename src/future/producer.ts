/**
 * The two interfaces that a future calls. Its Producer computes the result. Its Owner, usually an
 * executor, counts the future and reports its failure.
 */
import type { Observable } from 'rxjs';
import type { Adopted } from './adopt.js';
import type { Future } from './future.js';
import type { UnobservedFailure } from './unobserved.js';

/** The work that produces the result of one future. */
export interface Producer {
  /** The name of the task. */
  readonly name: string;
  readonly threadId: number | undefined;
  readonly owner: Owner;
  /** Whether the task has started. Called only while the future is not settled. */
  isRunning(): boolean;
  /**
   * Called when the future was cancelled. Stops the work. `reason` becomes the reason of the task's
   * signal.
   */
  stop(reason: unknown): void;
  /**
   * The only future that has to settle before this one can. Undefined if this future waits for
   * several futures, for other work, or for nothing.
   */
  readonly source?: Future<any> | undefined;
  /** The promise, future or Observable that the future has adopted and still waits for. */
  readonly adopted?: Adopted | undefined;
  /**
   * Called when the future has settled in any way. Drops references to arguments and to other
   * futures.
   */
  release(): void;
  /**
   * Called on `shutdown({ cancelPending: true })`. Does not start any work that has not started
   * yet.
   */
  cancelPending?(reason: unknown): void;
  /** The progress that the task reports while it runs. Absent if the task reports none. */
  progress?(): Observable<unknown>;
}

/**
 * The owner of a future: its executor, or a shared owner for futures that belong to no executor.
 */
export interface Owner {
  /** Called when a future of this owner was created. */
  added(): void;
  /** Called when a future of this owner has settled and its callbacks have run. */
  ended(): void;
  /** Adds a future that waits for another one. The scheduler does not know such a future yet. */
  follow?(future: Future<any>): void;
  unfollow?(future: Future<any>): void;
  callbackFailed(error: unknown, future: Future<unknown>): void;
  /** Failures of this owner's futures that no code has observed so far. */
  readonly unobserved: Set<UnobservedFailure>;
  failedUnobserved(failure: UnobservedFailure): void;
}
