/**
 * How many jobs a machine has at a time: as many as its threads have places for. A stream that waits for its reader gives its place to one more,
 * since its reader may be waiting for just that one, and it for the reader.
 */

import type { Worker } from 'bullmq';
import { clearTimeout, setTimeout } from '../../platform/time.js';
import { Credits } from '../../util/credits.js';

/** ms that a stream has to wait before its place is given away: most readers come back sooner, and each job is asked for at Redis. */
const PATIENCE = 10;

export class Concurrency {
  readonly #count: number;
  /** By the ids of futures. */
  readonly #credits = new Credits();
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  /** The worker that takes the jobs. */
  open(worker: Worker): void {
    this.#worker = worker;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#worker = undefined;
  }

  /** A stream begins. */
  opened(id: number, credit: number): void {
    this.#credits.open(id, credit);
  }

  gave(id: number, count: number): void {
    if (this.#credits.spend(id, count)) this.#timer ??= setTimeout(() => this.#giveAway(), PATIENCE);
  }

  granted(id: number, count: number): void {
    this.#credits.grant(id, count);
    this.#takeBack();
  }

  ended(id: number): void {
    this.#credits.close(id);
    this.#takeBack();
  }

  get #wanted(): number {
    return this.#count + this.#credits.paused;
  }

  #giveAway(): void {
    this.#timer = undefined;
    const worker = this.#worker;
    if (worker === undefined || worker.concurrency >= this.#wanted) return;
    worker.concurrency = this.#wanted;
    if (worker.isPaused() || worker.closing !== undefined) return;
    // Where it has all its jobs it waits for one of them to end, and looks at nothing else; except after a pause.
    void worker.pause(true).then(() => worker.resume());
  }

  /** What runs there already stays, and waits for its turn on the threads. */
  #takeBack(): void {
    const worker = this.#worker;
    if (worker !== undefined && worker.concurrency > this.#wanted) worker.concurrency = this.#wanted;
  }
}
