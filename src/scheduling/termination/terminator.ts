/**
 * Cancellation of running tasks: cancel first, then terminate the worker.
 *
 * When a running task is cancelled or times out, its `AbortSignal` fires, and the ledger shows it
 * the cancel in the middle of synchronous code. A task that still runs then lingers
 * (lingering-tasks.ts). A worker that it blocks is terminated early. If the task is still running
 * `terminateAfter` ms after the cancel:
 *
 *   1. The worker receives no new jobs, and jobs that it has not claimed are revoked. Its actors
 *      leave it, because a task on it may wait for one of their calls.
 *   2. If no other task is running on it, the worker is terminated.
 *   3. Otherwise the worker is pinged once a second. While it answers, its other tasks may finish.
 *      It is terminated as soon as they have.
 *   4. If a ping is not answered, a synchronous loop blocks the thread. The worker is terminated,
 *      because no task on it can finish.
 */

import { performance, unref } from '#platform/time';
import { limitOfWorker } from '#platform/timers';
import { trace } from '#platform/trace';
import type { Job } from '../job/job.js';
import type { Worker } from '../worker/worker.js';
import { LingeringTasks } from './lingering-tasks.js';

/** Default time in ms for which a task may ignore its abort signal. */
const DEFAULT_GRACE_MS = 5_000;

/**
 * ms in which a thread must answer a ping. A garbage collection takes tens of ms, a synchronous
 * loop forever.
 */
const PING_TIMEOUT_MS = 1_000;

export interface TerminatorListener {
  /** Revokes the jobs that the worker has not claimed, and enqueues them again. */
  revokeAll(worker: Worker): void;
  /** A task does not stop. The worker receives no new jobs. */
  unresponsive(worker: Worker): void;
  /** The worker waits for its other tasks. The calls of its actors must not wait for them. */
  moveActors(worker: Worker): void;
  /** The number of workers that may run has changed, or a worker can receive jobs again. */
  reschedule(): void;
}

export class Terminator {
  /** Time in ms that the user has set; undefined for the default. */
  readonly #terminateAfter: number | undefined;
  readonly #listener: TerminatorListener;
  readonly #terminated = new WeakSet<Worker>();
  /** Workers with lingering tasks. Empty in most programs, most of the time. */
  readonly #lingering = new Map<Worker, LingeringTasks>();

  constructor(terminateAfter: number | undefined, listener: TerminatorListener) {
    this.#terminateAfter = terminateAfter;
    this.#listener = listener;
  }

  /** Number of tasks that were cancelled or timed out and still run. */
  get lingering(): number {
    let count = 0;
    for (const tasks of this.#lingering.values()) count += tasks.running;
    return count;
  }

  /** Number of lingering tasks for which a replacement worker may be started. */
  get replaced(): number {
    let count = 0;
    for (const tasks of this.#lingering.values()) count += tasks.replaced;
    return count;
  }

  /** Stops a started job that was cancelled. */
  stop(worker: Worker, job: Job, reason: unknown): void {
    // The reason is posted before the mark is set, so that a task which sees the mark finds the
    // reason in its port.
    worker.abort(job, reason);
    worker.inFlight.stop(job);
    // A job that waits for its upstream has not started. The worker skips it later, so there is no
    // task to terminate. The workers of a queue are terminated by their servers.
    if (!worker.isOwned || !worker.hasClaimed(job)) return;
    const own = job.terminateAfter ?? this.#terminateAfter;
    this.#lingeringOn(worker).add(job.slot, own ?? DEFAULT_GRACE_MS, own === undefined);
  }

  #lingeringOn(worker: Worker): LingeringTasks {
    let tasks = this.#lingering.get(worker);
    if (tasks === undefined) {
      tasks = new LingeringTasks(worker, {
        lingers: () => {
          trace?.('%s: replaced until a cancelled task on it has stopped', worker.name);
          this.#listener.revokeAll(worker);
        },
        stopped: () => this.#listener.reschedule(),
        blocked: () => this.#terminate(worker, 'a cancelled task blocks its thread'),
        expired: () => this.#terminate(worker, 'a cancelled task on it did not stop within terminateAfter'),
      });
      this.#lingering.set(worker, tasks);
    }
    return tasks;
  }

  /**
   * Drains a worker on which an error escaped all promises. Its running tasks may still succeed, so
   * they are allowed to finish.
   *
   * If the error can't be traced to a task (`isTraced` is false), a running task may wait forever
   * for the code that threw. The worker is then killed after `terminateAfter` ms.
   */
  retire(worker: Worker, isTraced: boolean): void {
    const terminateAfter = this.#terminateAfter ?? DEFAULT_GRACE_MS;
    this.#listener.revokeAll(worker);
    worker.leave();
    if (isTraced || terminateAfter === Number.POSITIVE_INFINITY) return;
    const expired = () => {
      // A worker without a job runs its finalizer, which has its own limit.
      if (worker.inFlight.count > 0) this.#kill(worker, 'its uncaught error is older than terminateAfter');
    };
    unref(limitOfWorker(terminateAfter, expired));
  }

  /** Kills a worker in termination when its last other task has been reported. */
  reported(worker: Worker): void {
    if (this.#lingering.size > 0) this.#checkLingering(worker);
    if (!this.#terminated.has(worker) || worker.inFlight.live().length > 0) return;
    this.#kill(worker, 'its other tasks have finished');
  }

  #checkLingering(worker: Worker): void {
    const tasks = this.#lingering.get(worker);
    tasks?.reported();
    if (tasks?.isEmpty) this.#lingering.delete(worker);
  }

  /** The worker has answered a ping. */
  answered(worker: Worker): void {
    if (this.#lingering.has(worker)) this.#listener.reschedule();
  }

  ended(worker: Worker): void {
    this.#lingering.get(worker)?.close();
    this.#lingering.delete(worker);
  }

  #terminate(worker: Worker, reason: string): void {
    if (worker.state === 'ended' || this.#terminated.has(worker)) return;
    this.#terminated.add(worker);
    this.#lingering.get(worker)?.close();
    worker.close();
    trace?.('%s: recycled, because %s', worker.name, reason);
    this.#listener.revokeAll(worker);
    this.#listener.unresponsive(worker);
    if (worker.inFlight.live().length > 0) this.#listener.moveActors(worker);
    this.#pingOrKill(worker);
  }

  #pingOrKill(worker: Worker): void {
    if (worker.state === 'ended') {
      this.#terminated.delete(worker);
    } else if (worker.inFlight.live().length === 0) {
      this.#kill(worker, 'no other task is running on it');
    } else {
      const pingedAt = performance.now();
      worker.post({ type: 'ping' });
      const timer = limitOfWorker(PING_TIMEOUT_MS, () => {
        if (worker.answeredAt < pingedAt) this.#kill(worker, 'its thread does not answer a ping');
        else this.#pingOrKill(worker);
      });
      unref(timer);
    }
  }

  #kill(worker: Worker, reason: string): void {
    if (worker.state !== 'ended') trace?.('%s: terminated, because %s', worker.name, reason);
    worker.kill();
  }
}
