/**
 * Takes plans as they came and begins them: synchronous tasks in a plain loop, without a promise between them; up to `concurrency` async
 * ones interleaved.
 */

import { performance, setImmediate } from '../platform/time.js';
import { type JobBatch, nextJob } from '../protocol/messages.js';
import type { JobRunner } from './job-runner.js';
import { JobTreeRun } from './job-tree-run.js';
import type { Reports } from './reports.js';

/** ms that the loop may keep the thread before timers and messages get their turn. */
const TIME_SLICE_MS = 10;

const NOTHING: readonly unknown[] = [];

export class Runner {
  readonly #jobs: JobRunner;
  readonly #reports: Reports;
  readonly #concurrency: number;
  /** Batches as they came; the first is read from #cursor on. */
  readonly #batches: JobBatch[] = [];
  #cursor = 0;
  /** Where the arguments of the plan at #cursor begin. */
  #argument = 0;
  #running = 0;
  #isPumping = false;
  #pumpSoon = false;
  #flushSoon = false;
  #whenReleased: (() => void)[] = [];

  constructor(jobs: JobRunner, reports: Reports, concurrency: number) {
    this.#jobs = jobs;
    this.#reports = reports;
    this.#concurrency = concurrency;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.#batches.length === 0 && !this.#reports.held;
  }

  enqueue(plans: JobBatch): void {
    this.#jobs.arrived(plans.cells);
    this.#batches.push(plans);
  }

  /** Begins plans for as long as there is room for one more. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const timeSlice = performance.now();
    this.#jobs.now = timeSlice;
    this.#reports.began(timeSlice);
    while (this.#batches.length > 0 && this.#running < this.#concurrency && !this.#reports.held) {
      if (this.#jobs.now - timeSlice > TIME_SLICE_MS) {
        this.#pumpLater();
        break;
      }
      if (!this.#jobs.clear(this.#batches[0]!.cells, this.#cursor)) break;
      this.#beginNext();
    }
    this.#isPumping = false;
    if (this.#running === 0) this.#reports.rested(this.#jobs.now);
    this.#reports.flush();
  }

  /** A task that has begun makes way for others. */
  rests(): void {
    this.#running--;
    if (this.#running === 0 && !this.#isPumping) this.#reports.rested(performance.now());
    if (this.#batches.length > 0) this.pump();
  }

  /** It goes on, also where others have taken its place meanwhile. */
  resumes(): void {
    this.#running++;
    this.#reports.began(performance.now());
  }

  /** Reports that were held have left. */
  released(): void {
    for (const resolve of this.#whenReleased.splice(0)) resolve();
    this.pump();
  }

  #beginNext(): void {
    const { cells, args } = this.#batches[0]!;
    const start = this.#cursor;
    const first = nextJob(cells, start);
    const argc = cells[start + 4]!;
    const own = argc === 0 ? NOTHING : args.slice(this.#argument, this.#argument + argc);
    let end = first;
    while (end < cells.length && cells[end + 1] !== -1) end = nextJob(cells, end);
    if (end < cells.length) {
      this.#cursor = end;
      this.#argument += argc;
    } else {
      this.#batches.shift();
      this.#cursor = 0;
      this.#argument = 0;
    }
    const waiting =
      end === first
        ? this.#jobs.run(cells, start, own)
        : new JobTreeRun(cells, start, end, own, this.#jobs).run(
            () => new Promise((done) => this.#whenReleased.push(done)),
          );
    if (waiting === undefined) return;
    this.#running++;
    void waiting.then(() => {
      this.#running--;
      this.#oneEnded();
    });
  }

  /** Another may begin, and the results of this turn of the event loop leave together. */
  #oneEnded(): void {
    if (this.#batches.length > 0) this.pump();
    else if (this.#running === 0) {
      this.#reports.rested(performance.now());
      this.#reports.flush();
    }
    if (this.#reports.isEmpty || this.#flushSoon) return;
    this.#flushSoon = true;
    setImmediate(() => {
      this.#flushSoon = false;
      this.#reports.flush();
    });
  }

  #pumpLater(): void {
    if (this.#pumpSoon) return;
    this.#pumpSoon = true;
    setImmediate(() => {
      this.#pumpSoon = false;
      this.pump();
    });
  }
}
