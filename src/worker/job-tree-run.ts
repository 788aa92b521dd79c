/** A plan of several legs: each is fed by an earlier one, so in the order of the cells every feeder comes first. */

import { setImmediate } from '../platform/time.js';
import { type Cells, nextJob } from '../protocol/messages.js';
import { unmarked } from '../protocol/transfer.js';
import { type Downstream, type JobRunner, QUICK } from './job-runner.js';

export class JobTreeRun {
  readonly #cells: Cells;
  /** Of the root. */
  readonly #args: readonly unknown[];
  readonly #jobs: JobRunner;
  /** Where each leg begins. */
  readonly #starts: number[] = [];
  readonly #values: unknown[] = [];
  readonly #failed = new Set<number>();
  /** Legs that feed others. */
  readonly #upstreams = new Set<number>();
  #index = 0;

  constructor(cells: Cells, start: number, end: number, args: readonly unknown[], jobs: JobRunner) {
    this.#cells = cells;
    this.#args = args;
    this.#jobs = jobs;
    for (let at = start; at < end; at = nextJob(cells, at)) {
      this.#starts.push(at);
      this.#upstreams.add(cells[at + 1]!);
    }
  }

  /** Runs legs as far as it goes without waiting; then a promise of the rest. `released` tells when held reports have left. */
  run(released: () => Promise<void>): Promise<void> | undefined {
    for (; this.#index < this.#starts.length; this.#index++) {
      if (this.#index > 0 && !this.#jobs.clear(this.#cells, this.#starts[this.#index]!))
        return this.#after(released(), released);
      const began = this.#jobs.now;
      const waiting = this.#runJob();
      // While a leg took long, a message that cancels the next one may have come.
      if (waiting !== undefined || (this.#jobs.isTold && this.#jobs.now - began > QUICK)) {
        this.#index++;
        return this.#after(waiting, released);
      }
    }
    return undefined;
  }

  async #after(waiting: Promise<void> | undefined, released: () => Promise<void>): Promise<void> {
    await waiting;
    // A message that says that the next leg is cancelled may be here and not read yet.
    if (this.#jobs.isTold) await new Promise<void>((resolve) => setImmediate(resolve));
    await this.run(released);
  }

  #runJob(): Promise<void> | undefined {
    const index = this.#index;
    const at = this.#starts[index]!;
    const from = this.#cells[at + 1]!;
    const feed: Downstream = {
      fulfilled: (value) => {
        this.#values[index] = unmarked(value);
        return this.#upstreams.has(index);
      },
      failed: () => void this.#failed.add(index),
    };
    if (this.#failed.has(from)) {
      this.#jobs.skip(this.#cells[at]!, feed);
      return undefined;
    }
    return this.#jobs.run(this.#cells, at, from === -1 ? this.#args : [this.#values[from]], feed);
  }
}
