/**
 * Stop asks, then insists. A task that was cancelled while it ran has its signal aborted; if it still runs `terminateAfter`
 * ms later, its worker goes. Other tasks that the same worker has begun are finished first, as long as the thread answers:
 *
 *   1. the worker gets no more work, and what it has not begun is taken back;
 *   2. nothing else has begun there: it is ended at once;
 *   3. otherwise it is pinged. A thread that answers can finish the others, and is ended when they are home;
 *   4. one that does not answer within a second is stuck in a loop: nothing on it can ever finish, it is ended now.
 */
import { encodeError } from '../protocol/wire-error.js';
import { performance, setTimeout } from '../time.js';
import { after } from '../timers.js';
import { trace } from '../trace.js';
import type { Job } from './job.js';
import type { Worker } from './worker.js';

/** ms that a thread has to answer a ping. A garbage collection takes tens of ms, a stuck thread for ever. */
const ANSWER_WITHIN = 1_000;

export interface EvictionListener {
  /** What the worker has not begun is to go elsewhere. */
  takeBackAll(worker: Worker): void;
  /** A task on it would not stop: it is on its way out. */
  stuck(worker: Worker): void;
}

export class Evictions {
  readonly #evicted = new WeakSet<Worker>();

  constructor(
    readonly terminateAfter: number,
    readonly listener: EvictionListener,
  ) {}

  /** The task has begun on the worker, and is wanted no more. */
  stop(worker: Worker, job: Job, reason: unknown): void {
    const { id, attempt, slot } = job;
    worker.inFlight.stop(job);
    worker.tell({ type: 'abort', slot, id, attempt, reason: encodeError(reason, 'reason') });
    // One that waits for what feeds it is passed over when its turn comes: nothing of it runs that would have to be insisted on.
    if (this.terminateAfter === Number.POSITIVE_INFINITY || !worker.hasBegun(job)) return;
    // By number: a timer that holds the job would hold its future for the whole grace.
    const filling = worker.inFlight.filling(slot);
    after(this.terminateAfter, () => {
      if (worker.state !== 'ended' && worker.inFlight.isStillIn(slot, filling)) this.#evict(worker);
    }).unref();
  }

  /**
   * Something threw on the worker outside of every promise. What it has begun may end well; but one of its tasks may be waiting for what
   * threw, so where none is known for it they get the grace of a cancelled task and no more.
   */
  retire(worker: Worker, isTraced: boolean): void {
    this.listener.takeBackAll(worker);
    worker.leave();
    if (isTraced || this.terminateAfter === Number.POSITIVE_INFINITY) return;
    after(this.terminateAfter, () => this.#kill(worker, 'its uncaught error is older than terminateAfter')).unref();
  }

  /** Something came home: perhaps the last task that an evicted worker was kept for. */
  reported(worker: Worker): void {
    if (!this.#evicted.has(worker) || worker.inFlight.live().length > 0) return;
    this.#kill(worker, 'its other tasks have finished');
  }

  #evict(worker: Worker): void {
    if (this.#evicted.has(worker)) return;
    this.#evicted.add(worker);
    worker.state = 'leaving';
    this.listener.stuck(worker);
    this.listener.takeBackAll(worker);
    this.#askOrKill(worker);
  }

  #askOrKill(worker: Worker): void {
    if (worker.state === 'ended') {
      this.#evicted.delete(worker);
    } else if (worker.inFlight.live().length === 0) {
      this.#kill(worker, 'no other task is running on it');
    } else {
      const asked = performance.now();
      worker.tell({ type: 'ping' });
      setTimeout(() => {
        if (worker.answeredAt < asked) this.#kill(worker, 'its thread does not answer a ping');
        else this.#askOrKill(worker);
      }, ANSWER_WITHIN).unref();
    }
  }

  #kill(worker: Worker, reason: string): void {
    if (worker.state !== 'ended') trace?.('%s: terminated, because %s', worker.name, reason);
    worker.kill();
  }
}
