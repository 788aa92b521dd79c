/** Ends workers that were idle for `idleTimeout`, as long as `minWorkers` workers remain. */
import { clearTimeout, type Timer, unref } from '#platform/time';
import { after } from '#platform/timers';
import { trace } from '#platform/trace';
import type { WorkerSet } from './worker-set.js';

export interface IdleOptions {
  readonly minWorkers: number;
  /** ms after which an idle worker ends, as long as `minWorkers` workers remain. */
  readonly idleTimeout: number;
}

export class IdleWorkers {
  readonly #options: IdleOptions;
  readonly #workers: WorkerSet;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: IdleOptions, workers: WorkerSet) {
    this.#options = options;
    this.#workers = workers;
  }

  /** Called when a worker has become idle. One timer serves all workers. */
  becameIdle(): void {
    const { idleTimeout } = this.#options;
    if (this.#timer !== undefined || idleTimeout === Number.POSITIVE_INFINITY || this.#isClosed) return;
    this.#timer = unref(after(idleTimeout, () => this.#endIdle()));
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #endIdle(): void {
    this.#timer = undefined;
    const { idleTimeout, minWorkers } = this.#options;
    for (const worker of this.#workers.receiving) {
      if (this.#workers.current <= minWorkers) return;
      // The timer may fire a millisecond early.
      if (!worker.load.isIdleFor(idleTimeout - 1) || worker.pinned > 0 || worker.actors.size > 0) continue;
      trace?.('%s: ends, because it was idle for %d ms', worker.name, idleTimeout);
      worker.leave();
      this.#workers.stopReceiving(worker);
    }
    if (this.#workers.receiving.some((worker) => worker.inFlight.count === 0 && worker.actors.size === 0))
      this.becameIdle();
  }
}
