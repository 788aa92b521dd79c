/**
 * Ends idle workers beyond `maxWorkers`. There are such workers after a lingering task has stopped,
 * because its worker was replaced before.
 */
import { trace } from '#platform/trace';
import type { WorkerSet } from './worker-set.js';

export class ExcessWorkers {
  readonly #maxWorkers: number;
  readonly #workers: WorkerSet;
  /** True if there may be more than `maxWorkers` workers. If false, nothing has to be counted. */
  #mayExceed = false;

  constructor(maxWorkers: number, workers: WorkerSet) {
    this.#maxWorkers = maxWorkers;
    this.#workers = workers;
  }

  /** Called when a worker was created. */
  spawned(): void {
    this.#mayExceed ||= this.#workers.current > this.#maxWorkers;
  }

  /** Ends the excess workers that are idle now. */
  end(): void {
    if (!this.#mayExceed) return;
    const workers = this.#workers;
    this.#mayExceed = workers.current > this.#maxWorkers;
    // A worker that is starting can't run what waits, so it makes no other worker dispensable.
    let excess = workers.receiving.length - this.#maxWorkers - workers.replaceable(this.#maxWorkers);
    // The newest first, because the oldest worker has the warmest caches.
    for (const worker of workers.receiving.toReversed()) {
      if (excess <= 0) return;
      if (worker.inFlight.count > 0 || worker.pinned > 0 || worker.actors.size > 0) continue;
      excess--;
      trace?.('%s: ends, because the task that it made room for has stopped', worker.name);
      worker.leave();
      workers.stopReceiving(worker);
    }
  }
}
