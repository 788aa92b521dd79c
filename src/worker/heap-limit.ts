/**
 * Checks whether the heap of a worker has reached `maxMemoryPerWorker`.
 *
 * The check is made after the reports of tasks, and takes 1 us. It is made at most once in 0.25 ms,
 * so that it costs less than 0.5 % of a burst of tiny tasks.
 */
import { usedHeap } from '#platform/heap';

/** Time in ms between two checks. A task allocates about 1 MiB in that time. */
const CHECK_INTERVAL_MS = 0.25;

export class HeapLimit {
  readonly #limit: number;
  readonly #measure: () => number;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #isReached = false;

  constructor(limit: number, measure = usedHeap) {
    this.#limit = limit;
    this.#measure = measure;
  }

  /** Returns true once, when the limit is reached. `now` is a time in ms. */
  isReached(now: number): boolean {
    if (this.#isReached || now - this.#checkedAt < CHECK_INTERVAL_MS) return false;
    this.#checkedAt = now;
    this.#isReached = this.#measure() >= this.#limit;
    return this.#isReached;
  }
}
