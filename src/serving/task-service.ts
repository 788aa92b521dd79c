/** The handle of a running server, which `serveTasks` returns. */
import type { Observable } from 'rxjs';
import type { ExecutorEvent } from '../engine/observe/events.js';
import type { ExecutorStats } from '../engine/observe/stats.js';

/** A running server of a queue. */
export interface TaskService extends AsyncDisposable {
  /** Events of the worker threads; see `executor.events`. */
  readonly events: Observable<ExecutorEvent>;
  /** Counts and times of the tasks that this server has run; see `executor.stats`. */
  stats(): ExecutorStats;
  /**
   * Resolves when the server has closed. Rejects with a BrokenExecutorError if no thread can be
   * started any more. The server then accepts no new jobs, and returns the jobs that it can't start
   * to the queue.
   */
  readonly closed: Promise<void>;
  /**
   * Accepts no new jobs, finishes the jobs that it has, and closes its connections to the queue.
   *
   * With `timeout`, running tasks are cancelled after so many ms. The futures of their clients
   * reject with a CancelledError, whose `cause` is a TimeoutError. The workers end at once then,
   * also those whose finalizers have not ended. With several calls, the earliest time counts.
   *
   * @throws TypeError if an option is unknown or has the wrong type
   * @throws RangeError if `timeout` is out of range
   */
  close(options?: { readonly timeout?: number }): Promise<void>;
  /**
   * Cancels all running tasks at once. The futures of their clients are cancelled too.
   *
   * Resolves when the workers have ended, as at `executor.terminate()`, the outcomes were sent and
   * the connections are closed.
   */
  terminate(): Promise<void>;
}
