/** The load of one worker: how many jobs it has, how many more it may receive, and its pace. */
import { performance } from '#platform/time';
import { trace } from '#platform/trace';
import type { Credits } from '../../util/credits.js';
import { MAX_TREE_SIZE } from '../job/job-tree.js';
import type { InFlight } from './in-flight.js';
import { OVERDUE_AFTER_MS, type Window } from './window.js';

export class Load {
  readonly window: Window;
  /** False while a cancelled task keeps its concurrency slot, behind which jobs would wait. */
  mayPrefetch = true;
  /** ms in which the worker had a task, as of its last report. */
  busyTime = 0;
  readonly #inFlight: InFlight;
  readonly #credits: Credits;
  /**
   * Time of the last report or stream values, of the first jobs after an idle time, or of the
   * start.
   */
  #lastMessageAt = 0;
  /** Time at which jobs were sent last, without those of actors. */
  #lastSentAt = 0;
  /** ms without a message after which the worker is silent. */
  #patience = OVERDUE_AFTER_MS;
  /** Size of the prefetch window in the last trace. */
  #tracedWindow = 0;

  constructor(window: Window, inFlight: InFlight, credits: Credits) {
    this.window = window;
    this.#inFlight = inFlight;
    this.#credits = credits;
  }

  /**
   * Number of jobs in flight that use or await a concurrency slot. Excludes paused streams, jobs
   * that wait for another one of their key, and jobs of actors.
   */
  get contending(): number {
    const { count, held, calls } = this.#inFlight;
    return count - this.#credits.paused - held - calls;
  }

  /** Number of jobs in flight that wait for another one of their key. */
  get held(): number {
    return this.#inFlight.held;
  }

  /**
   * Number of job trees that wait on the worker, because all of its concurrency slots are in use.
   * An idle worker may steal them.
   */
  get surplus(): number {
    return this.#inFlight.surplus(this.contending, this.window.concurrency);
  }

  /**
   * Number of jobs that may be sent now. Jobs that wait for another one of their key reduce the
   * prefetch, and not the number of jobs that the worker can start at once.
   */
  get room(): number {
    const { contending } = this;
    const { concurrency } = this.window;
    return Math.min(Math.max(this.limit - contending - this.held, concurrency - contending), this.freeSlots);
  }

  /** Maximum number of jobs in flight at present. */
  get limit(): number {
    return this.isOverdue() || !this.mayPrefetch ? this.window.concurrency : this.window.size;
  }

  /**
   * Number of slots of the ledger for further job trees. One tree of the maximum size may exceed
   * the room, so the slots of one such tree are left out.
   */
  get freeSlots(): number {
    return this.#inFlight.freeSlots - MAX_TREE_SIZE;
  }

  /**
   * True if the worker seems to run a long task, because no message has arrived for longer than its
   * prefetched jobs should take.
   */
  isOverdue(): boolean {
    return this.contending > 0 && performance.now() - this.#lastMessageAt > OVERDUE_AFTER_MS;
  }

  /**
   * True if the worker has sent no message for so long that a job which has not started may wait
   * for a blocked thread. `isOverdue` is not enough: a worker with a long task is overdue when it
   * receives another job, and needs some time to start that one.
   */
  isSilent(): boolean {
    return performance.now() - Math.max(this.#lastMessageAt, this.#lastSentAt) > this.#patience;
  }

  /**
   * Called when the jobs of the silent worker were revoked. The next ones get twice as long, until
   * the worker has run one. The thread may only lack a processor, and has to start a job one day.
   */
  suspected(): void {
    this.#patience *= 2;
  }

  /** Returns whether the worker has had no job in flight for `ms` ms. */
  isIdleFor(ms: number): boolean {
    return this.#inFlight.count === 0 && performance.now() - this.#lastMessageAt >= ms;
  }

  /** Called when the worker is ready, and before jobs are sent to it. */
  wake(): void {
    // A paused stream is in flight, but the worker does nothing for it.
    if (this.contending === 0) this.#lastMessageAt = performance.now();
  }

  /** Called when jobs were sent that use or await a concurrency slot. */
  sent(): void {
    this.#lastSentAt = performance.now();
  }

  /** Called when values of a stream have arrived. */
  streamed(): void {
    this.#lastMessageAt = performance.now();
  }

  /** Called when the worker has reported that it ran `jobs` jobs in `ms` ms. */
  reported(name: string, jobs: number, ms: number): void {
    this.window.observe(jobs, ms);
    if (trace !== undefined) this.#traceWindow(name);
    this.busyTime += ms;
    // A report of revoked jobs alone does not show that the thread can start any.
    if (jobs > 0) this.#patience = OVERDUE_AFTER_MS;
    this.#lastMessageAt = performance.now();
  }

  /** Traces a window that has doubled or halved. Each report changes the window a little. */
  #traceWindow(name: string): void {
    const { size } = this.window;
    if (size < 2 * this.#tracedWindow && size > this.#tracedWindow / 2) return;
    trace?.('%s: prefetch window %d -> %d', name, this.#tracedWindow, size);
    this.#tracedWindow = size;
  }
}
