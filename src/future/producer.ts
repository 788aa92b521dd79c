/** Where a future comes from: who does its work, and who answers for it. Futures know these two interfaces and no more. */
import type { Observable } from 'rxjs';
import type { Adopted } from './adopt.js';
import type { Future } from './future.js';
import type { UnobservedFailure } from './unobserved.js';

/** The work behind one future. */
export interface Producer {
  /** Of the task. */
  readonly name: string;
  readonly threadId: number | undefined;
  readonly owner: Owner;
  /** Asked while the future is not settled. */
  isRunning(): boolean;
  /** The future has been cancelled: stop what is done for it. `reason` is what the task's signal shall say. */
  stop(reason: unknown): void;
  /** The one future that this future waits for, if it waits for one and for nothing else. */
  readonly source?: Future<any> | undefined;
  /** What the future has adopted and still waits for. */
  readonly adopted?: Adopted | undefined;
  /** The future has settled, in whatever way: let go of arguments and links. */
  release(): void;
  /** Its executor takes nothing new, and what has not begun is cancelled: what it would begin yet is not begun. */
  cancelPending?(reason: unknown): void;
  /** What the task reports while it runs. Absent: nothing. */
  progress?(): Observable<unknown>;
}

/** Who answers for a future: its executor, or nobody in particular. */
export interface Owner {
  /** A future that it answers for has been made. */
  began(): void;
  /** It has settled, and its callbacks have run. */
  ended(): void;
  /** A future that follows another one: known to nobody else until its turn comes. */
  follow?(future: Future<any>): void;
  unfollow?(future: Future<any>): void;
  callbackFailed(error: unknown, future: Future<unknown>): void;
  /** Failures of its futures that nobody has looked at so far. */
  readonly unobserved: Set<UnobservedFailure>;
  failedUnobserved(failure: UnobservedFailure): void;
}
