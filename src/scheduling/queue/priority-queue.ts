/**
 * Holds the jobs that have not been sent: highest priority first, then first come, first served.
 *
 * `push` and `take` are O(1), because each priority has a deque and a program uses few priorities.
 * A cancelled job leaves a gap in its deque. The gaps are removed when there are more than 1,024
 * of them and they outnumber the jobs.
 */
import { Deque } from '../../util/deque.js';
import type { Job } from '../job/job.js';
import { advanceJob, QUEUED } from '../job/job-state.js';

/** Gaps that the queue may keep, however few jobs there are. */
const MAX_GAPS = 1_024;

export class PriorityQueue {
  readonly #levels = new Map<number, Deque<Job>>();
  /** Priorities in use, highest first. */
  #order: number[] = [];
  #size = 0;
  #gaps = 0;
  #lowestPriority = Number.POSITIVE_INFINITY;

  /** Number of queued jobs. */
  get size(): number {
    return this.#size;
  }

  /** Lowest priority that was ever pushed. */
  get lowestPriority(): number {
    return this.#lowestPriority;
  }

  /** Advances the job to `queued`. */
  push(job: Job): void {
    advanceJob(job, QUEUED);
    if (job.priority < this.#lowestPriority) this.#lowestPriority = job.priority;
    this.#level(job.priority).push(job);
    this.#size++;
  }

  /** Adds a job before all others of its priority. Advances it to `queued`. */
  pushFirst(job: Job): void {
    if (job.priority < this.#lowestPriority) this.#lowestPriority = job.priority;
    this.putBack(job);
  }

  /**
   * Returns a taken job to the front of the jobs of its priority. Several jobs must be returned in
   * reverse order of `take`. Advances a job that was sent and revoked to `queued`.
   */
  putBack(job: Job): void {
    if (job.state !== QUEUED) advanceJob(job, QUEUED);
    this.#level(job.priority).unshift(job);
    this.#size++;
  }

  /** Accounts for a queued job that was cancelled. */
  forget(): void {
    this.#size--;
    this.#gaps++;
    if (this.#size === 0) this.#clear();
    else if (this.#gaps > MAX_GAPS && this.#gaps > this.#size) this.#sweep();
  }

  /** Priority of the job that {@link take} returns next. `undefined` if the queue is empty. */
  topPriority(): number | undefined {
    return this.first?.priority;
  }

  /** The job that {@link take} returns next. */
  get first(): Job | undefined {
    for (const priority of this.#order) {
      const level = this.#levels.get(priority)!;
      for (let job = level.first; job !== undefined; job = level.first) {
        if (job.state === QUEUED) return job;
        level.shift();
        this.#gaps--;
      }
    }
    return undefined;
  }

  /** Returns the next job. It stays `queued` until it is sent. */
  take(): Job | undefined {
    while (this.#order.length > 0) {
      const level = this.#levels.get(this.#order[0]!)!;
      for (let job = level.shift(); job !== undefined; job = level.shift()) {
        if (job.state !== QUEUED) {
          this.#gaps--;
          continue;
        }
        this.#size--;
        return job;
      }
      // The level is deleted. If each job had another priority, such as a timestamp, the levels
      // would use more and more memory.
      this.#levels.delete(this.#order.shift()!);
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Job> {
    for (const priority of this.#order) {
      for (const job of this.#levels.get(priority)!) if (job.state === QUEUED) yield job;
    }
  }

  #clear(): void {
    this.#levels.clear();
    this.#order = [];
    this.#gaps = 0;
  }

  #sweep(): void {
    const jobs = [...this];
    this.#clear();
    for (const job of jobs) this.#level(job.priority).push(job);
  }

  #level(priority: number): Deque<Job> {
    let level = this.#levels.get(priority);
    if (level === undefined) {
      level = new Deque();
      this.#levels.set(priority, level);
      this.#order.splice(this.#indexOf(priority), 0, priority);
    }
    return level;
  }

  /** Index at which a priority belongs: before the first lower one. */
  #indexOf(priority: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#order[middle]! > priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
