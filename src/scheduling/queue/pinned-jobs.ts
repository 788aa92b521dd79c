/**
 * Jobs that may run on one worker only: the parts of a broadcast. Each waits until its worker can
 * start it at once, so that no other worker steals it.
 *
 * A worker with such a job receives no other jobs until then. Otherwise the jobs of the queue would
 * take each concurrency slot that becomes free. The jobs that were sent to it ahead are revoked.
 */
import { outside } from '#platform/context';
import { queueMicrotask } from '#platform/time';
import type { Job, JobWorker } from '../job/job.js';
import { advanceJob, QUEUED } from '../job/job-state.js';

/** A worker, as far as its pinned jobs need it. */
export interface PinTarget extends JobWorker {
  readonly state: string;
  /** Number of jobs that wait for this worker. */
  pinned: number;
}

export class PinnedJobs {
  readonly #jobs = new Map<PinTarget, Job[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Workers for which jobs wait. */
  get targets(): PinTarget[] {
    return [...this.#jobs.keys()];
  }

  /** Advances a job to `queued`. Returns false if its worker will not run it. */
  add(job: Job): boolean {
    const worker = job.pin as PinTarget;
    if (worker.state !== 'ready') return false;
    advanceJob(job, QUEUED);
    const jobs = this.#jobs.get(worker);
    if (jobs === undefined) this.#jobs.set(worker, [job]);
    else jobs.push(job);
    this.#count(worker, 1);
    return true;
  }

  /** Returns a revoked job to the front of the jobs of its worker. */
  putBack(job: Job): void {
    const worker = job.pin as PinTarget;
    advanceJob(job, QUEUED);
    this.#jobs.set(worker, [job, ...(this.#jobs.get(worker) ?? [])]);
    this.#count(worker, 1);
  }

  /** Returns the oldest job for a worker. It stays `queued` until it is sent. */
  take(worker: PinTarget): Job | undefined {
    const [job] = this.#jobs.get(worker) ?? [];
    if (job !== undefined) this.forget(job);
    return job;
  }

  /** Removes and returns the jobs of a worker that will not run them. */
  takeAll(worker: PinTarget): Job[] {
    const jobs = this.#jobs.get(worker) ?? [];
    this.#jobs.delete(worker);
    this.#count(worker, -jobs.length);
    return jobs;
  }

  /** Removes a job that was sent or cancelled. */
  forget(job: Job): void {
    const worker = job.pin as PinTarget;
    const jobs = this.#jobs.get(worker) ?? [];
    const others = jobs.filter((other) => other !== job);
    if (others.length === 0) this.#jobs.delete(worker);
    else this.#jobs.set(worker, others);
    this.#count(worker, others.length - jobs.length);
  }

  *[Symbol.iterator](): Iterator<Job> {
    for (const jobs of this.#jobs.values()) yield* jobs;
  }

  #count(worker: PinTarget, added: number): void {
    worker.pinned += added;
    this.#size += added;
  }
}

/** Informs jobs that their worker will not run them. Their callbacks may do anything. */
export function leaveOut(jobs: readonly Job[]): void {
  if (jobs.length === 0) return;
  queueMicrotask(() => {
    for (const job of jobs) outside(() => job.leftOut());
  });
}
