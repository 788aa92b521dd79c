/**
 * Cancellation of running tasks: ask first, then terminate the worker.
 *
 * When a running task is cancelled, its `AbortSignal` fires. If the task is still running
 * `terminateAfter` ms later:
 *
 *   1. The worker receives no new jobs, and jobs that it has not claimed are revoked.
 *   2. If no other task is running on it, the worker is terminated.
 *   3. Otherwise the worker is pinged once a second. While it answers, its other tasks may finish.
 *      It is terminated as soon as they have.
 *   4. If a ping is not answered, a synchronous loop blocks the thread. The worker is terminated,
 *      because no task on it can finish.
 */

import { performance, setTimeout, unref } from '#platform/time';
import { after } from '#platform/timers';
import { trace } from '#platform/trace';
import type { Job } from './job.js';
import type { Worker } from './worker.js';

/**
 * ms in which a thread must answer a ping. A garbage collection takes tens of ms, a synchronous
 * loop forever.
 */
const PING_TIMEOUT_MS = 1_000;

export interface TerminatorListener {
  /** Revokes the jobs that the worker has not claimed, and enqueues them again. */
  revokeAll(worker: Worker): void;
  /** A task ignored its abort signal for `terminateAfter` ms. The worker receives no new jobs. */
  unresponsive(worker: Worker): void;
}

export class Terminator {
  readonly #terminated = new WeakSet<Worker>();

  constructor(
    readonly terminateAfter: number,
    readonly listener: TerminatorListener,
  ) {}

  /** Stops a started job that was cancelled. */
  stop(worker: Worker, job: Job, reason: unknown): void {
    const { slot } = job;
    worker.inFlight.stop(job);
    worker.abort(job, reason);
    // A job that waits for its upstream has not started. The worker skips it later, so there is no
    // task to terminate.
    if (this.terminateAfter === Number.POSITIVE_INFINITY || !worker.hasClaimed(job)) return;
    // The timer keeps the generation of the slot instead of the job, because the job would keep its
    // future for the whole time.
    const generation = worker.inFlight.generation(slot);
    const timer = after(this.terminateAfter, () => {
      if (worker.state !== 'ended' && worker.inFlight.hasGeneration(slot, generation)) this.#terminate(worker);
    });
    unref(timer);
  }

  /**
   * Drains a worker on which an error escaped all promises. Its running tasks may still succeed, so
   * they are allowed to finish.
   *
   * If the error can't be traced to a task (`isTraced` is false), a running task may wait forever
   * for the code that threw. The worker is then killed after `terminateAfter` ms.
   */
  retire(worker: Worker, isTraced: boolean): void {
    this.listener.revokeAll(worker);
    worker.leave();
    if (isTraced || this.terminateAfter === Number.POSITIVE_INFINITY) return;
    unref(after(this.terminateAfter, () => this.#kill(worker, 'its uncaught error is older than terminateAfter')));
  }

  /** Kills a worker in termination when its last other task has been reported. */
  reported(worker: Worker): void {
    if (!this.#terminated.has(worker) || worker.inFlight.live().length > 0) return;
    this.#kill(worker, 'its other tasks have finished');
  }

  #terminate(worker: Worker): void {
    if (this.#terminated.has(worker)) return;
    this.#terminated.add(worker);
    worker.close();
    this.listener.unresponsive(worker);
    this.listener.revokeAll(worker);
    this.#askOrKill(worker);
  }

  #askOrKill(worker: Worker): void {
    if (worker.state === 'ended') {
      this.#terminated.delete(worker);
    } else if (worker.inFlight.live().length === 0) {
      this.#kill(worker, 'no other task is running on it');
    } else {
      const asked = performance.now();
      worker.post({ type: 'ping' });
      const timer = setTimeout(() => {
        if (worker.answeredAt < asked) this.#kill(worker, 'its thread does not answer a ping');
        else this.#askOrKill(worker);
      }, PING_TIMEOUT_MS);
      unref(timer);
    }
  }

  #kill(worker: Worker, reason: string): void {
    if (worker.state !== 'ended') trace?.('%s: terminated, because %s', worker.name, reason);
    worker.kill();
  }
}
