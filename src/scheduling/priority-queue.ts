/**
 * What has not been sent: highest priority first, first come first served inside a level. Push and take are O(1) (a level is
 * a deque; a program uses a handful of levels). A job that was cancelled stays until it is come by, without its arguments.
 */
import { Deque } from './deque.js';
import { type Job, QUEUED } from './job.js';

export class PriorityQueue {
  readonly #levels = new Map<number, Deque<Job>>();
  /** Levels that exist, highest first. */
  readonly #order: number[] = [];
  #size = 0;

  /** Jobs that wait, cancelled ones left out. */
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

  /** The job has left by itself: it was cancelled. */
  forget(): void {
    this.#size--;
  }

  /** The priority of what {@link take} gives next; undefined when there is nothing. */
  topPriority(): number | undefined {
    if (this.#size === 0) return undefined;
    for (const priority of this.#order) {
      for (const job of this.#levels.get(priority)!) if (job.phase === QUEUED) return priority;
    }
    return undefined;
  }

  take(): Job | undefined {
    if (this.#size === 0) return undefined;
    for (const priority of this.#order) {
      const level = this.#levels.get(priority)!;
      for (let job = level.shift(); job !== undefined; job = level.shift()) {
        if (job.phase !== QUEUED) continue;
        this.#size--;
        return job;
      }
    }
    return undefined;
  }

  *[Symbol.iterator](): Iterator<Job> {
    for (const priority of this.#order) {
      for (const job of this.#levels.get(priority)!) if (job.phase === QUEUED) yield job;
    }
  }

  #level(priority: number): Deque<Job> {
    let level = this.#levels.get(priority);
    if (level === undefined) {
      level = new Deque();
      this.#levels.set(priority, level);
      this.#order.push(priority);
      this.#order.sort((a, b) => b - a);
    }
    return level;
  }
}
