/**
 * What has not been sent: highest priority first, first come first served inside a level. Push and take are O(1): a level is a deque, and a
 * program uses a handful of levels. A job that is cancelled leaves a gap, and gaps are swept before they are more than the jobs.
 */
import { Deque } from '../util/deque.js';
import { type Job, QUEUED } from './job.js';

/** Gaps that are not worth a sweep. */
const FEW = 1_024;

export class PriorityQueue {
  readonly #levels = new Map<number, Deque<Job>>();
  /** Levels that exist, highest first. */
  #order: number[] = [];
  #size = 0;
  #gaps = 0;

  /** Jobs that wait. */
  get size(): number {
    return this.#size;
  }

  push(job: Job): void {
    job.phase = QUEUED;
    this.#level(job.priority).push(job);
    this.#size++;
  }

  /** Back to where it was before it was taken. Several come back in reverse order. */
  putBack(job: Job): void {
    job.phase = QUEUED;
    this.#level(job.priority).unshift(job);
    this.#size++;
  }

  /** A job has left by itself: it was cancelled. */
  forget(): void {
    this.#size--;
    this.#gaps++;
    if (this.#size === 0) this.#clear();
    else if (this.#gaps > FEW && this.#gaps > this.#size) this.#sweep();
  }

  /** The priority of what {@link take} gives next; undefined when there is nothing. */
  topPriority(): number | undefined {
    for (const job of this) return job.priority;
    return undefined;
  }

  take(): Job | undefined {
    while (this.#order.length > 0) {
      const level = this.#levels.get(this.#order[0]!)!;
      for (let job = level.shift(); job !== undefined; job = level.shift()) {
        if (job.phase !== QUEUED) {
          this.#gaps--;
          continue;
        }
        this.#size--;
        return job;
      }
      // A level that is empty goes: priorities that are times, say, would leave one for each.
      this.#levels.delete(this.#order.shift()!);
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Job> {
    for (const priority of this.#order) {
      for (const job of this.#levels.get(priority)!) if (job.phase === QUEUED) yield job;
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
      this.#order.splice(this.#placeOf(priority), 0, priority);
    }
    return level;
  }

  /** Where a priority belongs in the order: before the first that is lower. */
  #placeOf(priority: number): number {
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
