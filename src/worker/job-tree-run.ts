/**
 * Runs a tree of several jobs. In the order of the cells, the upstream of each job comes before the
 * job.
 */

import { setImmediate } from '#platform/time';
import type { Key } from '../protocol/job-layout.js';
import { isRoot, nextJob, slotOf, upstreamOf } from '../protocol/job-layout.js';
import type { Cells } from '../protocol/messages.js';
import { unmarked } from '../protocol/transfer.js';
import type { Actor } from './actors/actor.js';
import { type Downstream, type JobRunner, QUICK_MS } from './job-runner.js';

export class JobTreeRun {
  readonly #cells: Cells;
  /** Arguments of the root job. */
  readonly #args: readonly unknown[];
  /** The key or the actor of the tree, which is that of its root job. */
  readonly #lane: Key | Actor | undefined;
  readonly #jobs: JobRunner;
  /** Index of each job in the cells. */
  readonly #starts: number[] = [];
  readonly #values: unknown[] = [];
  readonly #failed = new Set<number>();
  /** Jobs that are the upstream of another job. */
  readonly #upstreams = new Set<number>();
  #index = 0;

  constructor(cells: Cells, start: number, end: number, args: readonly unknown[], jobs: JobRunner, lane?: Key | Actor) {
    this.#cells = cells;
    this.#args = args;
    this.#lane = lane;
    this.#jobs = jobs;
    for (let at = start; at < end; at = nextJob(cells, at)) {
      this.#starts.push(at);
      this.#upstreams.add(upstreamOf(cells, at));
    }
  }

  /**
   * Runs jobs until one is asynchronous, then returns a promise for the rest. `unblocked` resolves
   * when blocked reports have been sent.
   */
  run(unblocked: () => Promise<void>): Promise<void> | undefined {
    for (; this.#index < this.#starts.length; this.#index++) {
      if (this.#index > 0 && !this.#jobs.clear(this.#cells, this.#starts[this.#index]!))
        return this.#after(unblocked(), unblocked);
      const startedAt = this.#jobs.now;
      const pending = this.#runJob();
      // A message that cancels the next job may have arrived during this job. Only a turn of the
      // event loop can read it.
      if (pending !== undefined || (this.#jobs.lacksSharedMemory && this.#jobs.now - startedAt > QUICK_MS)) {
        this.#index++;
        return this.#after(pending, unblocked);
      }
    }
    return undefined;
  }

  async #after(pending: Promise<void> | undefined, unblocked: () => Promise<void>): Promise<void> {
    await pending;
    // A message that cancels the next job may have arrived without being read.
    if (this.#jobs.lacksSharedMemory) await new Promise<void>((resolve) => setImmediate(resolve));
    await this.run(unblocked);
  }

  #runJob(): Promise<void> | undefined {
    const index = this.#index;
    const at = this.#starts[index]!;
    const upstream = upstreamOf(this.#cells, at);
    const downstream: Downstream = {
      fulfilled: (value) => {
        this.#values[index] = unmarked(value);
        return this.#upstreams.has(index);
      },
      failed: () => void this.#failed.add(index),
    };
    if (this.#failed.has(upstream)) {
      this.#jobs.skip(slotOf(this.#cells, at), downstream);
      return undefined;
    }
    const args = isRoot(this.#cells, at) ? this.#args : [this.#values[upstream]];
    return this.#jobs.run(this.#cells, at, args, downstream, this.#lane);
  }
}
