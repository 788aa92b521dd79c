/**
 * Starts job trees in the order of their arrival. Synchronous tasks run in a plain loop, without a
 * promise between them. Up to `concurrency` asynchronous tasks run interleaved, and at most one of
 * each key. Trees of actors have limits of their own (actors/actors.ts), and alternate with the
 * others.
 */

import { performance, setImmediate } from '#platform/time';
import { argcOf, isKeyed, type Key, nextJob, nextTree } from '../protocol/job-layout.js';
import type { Cells, JobBatch } from '../protocol/messages.js';
import { TIME_SLICE_MS } from '../protocol/time-slice.js';
import type { Actor } from './actors/actor.js';
import type { Actors } from './actors/actors.js';
import type { JobRunner } from './job-runner.js';
import { JobTreeRun } from './job-tree-run.js';
import { KeyedTrees } from './keyed-trees.js';
import type { Reports } from './reports.js';

const NO_ARGUMENTS: readonly unknown[] = [];

export class Runner {
  readonly #jobs: JobRunner;
  readonly #reports: Reports;
  readonly #concurrency: number;
  readonly #actors: Actors;
  /** Batches in the order of their arrival. The first one is read from `#cursor` on. */
  readonly #batches: JobBatch[] = [];
  #cursor = 0;
  /** Index of the first argument of the job tree at `#cursor`. */
  #argument = 0;
  readonly #keyed = new KeyedTrees();
  /** Number of running trees, without those of actors. */
  #running = 0;
  /** The next tree is one of an actor, if there is any. */
  #isTurnOfActors = false;
  #isPumping = false;
  #pumpSoon = false;
  #flushSoon = false;
  #whenUnblocked: (() => void)[] = [];

  constructor(jobs: JobRunner, reports: Reports, concurrency: number, actors: Actors) {
    this.#jobs = jobs;
    this.#actors = actors;
    this.#reports = reports;
    this.#concurrency = concurrency;
  }

  get isIdle(): boolean {
    return this.#running === 0 && this.#actors.isIdle && !this.#hasWaiting && !this.#reports.isBlocked;
  }

  enqueue(batch: JobBatch): void {
    this.#jobs.arrived(batch);
    const others = this.#actors.takeFrom(batch);
    if (others !== undefined) this.#batches.push(others);
  }

  /** True if a job tree may start as soon as there is room. */
  get #hasWaiting(): boolean {
    return this.#batches.length > 0 || this.#keyed.nextFree !== undefined || this.#actors.hasReady;
  }

  /** True if a job tree without an actor may start now. */
  get #mayStart(): boolean {
    return this.#running < this.#concurrency && (this.#batches.length > 0 || this.#keyed.nextFree !== undefined);
  }

  /** Starts job trees while there is room for another one. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const sliceStart = performance.now();
    this.#jobs.now = sliceStart;
    this.#reports.markBusy(sliceStart);
    while ((this.#actors.hasReady || this.#mayStart) && !this.#reports.isBlocked) {
      if (this.#jobs.now - sliceStart > TIME_SLICE_MS) {
        this.#pumpLater();
        break;
      }
      if (!(this.#actors.hasReady ? this.#startAny() : this.#startTask())) break;
    }
    this.#isPumping = false;
    if (this.#running === 0) this.#reports.markIdle(this.#jobs.now);
    this.#reports.flush();
  }

  /**
   * Starts a tree of an actor or another tree, in turns. Returns false if waiting reports have to
   * be sent first.
   */
  #startAny(): boolean {
    this.#isTurnOfActors = !this.#isTurnOfActors;
    if (!this.#isTurnOfActors && this.#mayStart) return this.#startTask();
    const { cells, start } = this.#actors.first;
    if (!this.#jobs.clear(cells, start)) return false;
    const { end, args, actor } = this.#actors.take();
    const pending = this.#run(cells, start, end, args, actor);
    if (pending === undefined) this.#actors.ended(actor);
    else {
      void pending.then(() => {
        this.#actors.ended(actor);
        this.#jobEnded();
      });
    }
    return true;
  }

  /**
   * Starts the next tree without an actor. Returns false if waiting reports have to be sent first.
   */
  #startTask(): boolean {
    // A tree that waited for its key arrived before all trees of the batches.
    const free = this.#keyed.nextFree;
    if (free === undefined) {
      if (!this.#jobs.clear(this.#batches[0]!.cells, this.#cursor)) return false;
      this.#startNext();
    } else {
      if (!this.#jobs.clear(free.cells, free.start)) return false;
      const { cells, start, end, args, key } = this.#keyed.takeFree();
      if (!this.#start(cells, start, end, args, key)) this.#keyed.ended(key);
    }
    return true;
  }

  /**
   * Called when a stream has paused. Another job may then use the concurrency slot of the stream.
   */
  paused(): void {
    this.#running--;
    if (this.#running === 0 && !this.#isPumping) this.#reports.markIdle(performance.now());
    if (this.#hasWaiting) this.pump();
  }

  /**
   * Called when a stream has resumed. It resumes even if another job uses its concurrency slot now.
   */
  resumed(): void {
    this.#running++;
    this.#reports.markBusy(performance.now());
  }

  /** Called when blocked reports have been sent. */
  unblocked(): void {
    for (const resolve of this.#whenUnblocked.splice(0)) resolve();
    this.pump();
  }

  #startNext(): void {
    const { cells, args } = this.#batches[0]!;
    const start = this.#cursor;
    const argc = argcOf(cells, start);
    const hasKey = isKeyed(cells, start);
    const key = hasKey ? (args[this.#argument] as Key) : undefined;
    const own = argc === 0 ? NO_ARGUMENTS : args.slice(this.#argument + (hasKey ? 1 : 0), this.#argument + argc);
    const end = nextTree(cells, start);
    if (end < cells.length) {
      this.#cursor = end;
      this.#argument += argc;
    } else {
      this.#batches.shift();
      this.#cursor = 0;
      this.#argument = 0;
    }
    if (key !== undefined && this.#keyed.isRunning(key)) this.#keyed.hold({ cells, start, end, args: own, key });
    else if (this.#start(cells, start, end, own, key) && key !== undefined) this.#keyed.started(key);
  }

  /** Starts a tree. Returns true if the tree has not ended in this call. */
  #start(cells: Cells, start: number, end: number, args: readonly unknown[], key: Key | undefined): boolean {
    const pending = this.#run(cells, start, end, args, key);
    if (pending === undefined) return false;
    this.#running++;
    void pending.then(() => {
      this.#running--;
      if (key !== undefined) this.#keyed.ended(key);
      this.#jobEnded();
    });
    return true;
  }

  /** Runs a tree. Returns a promise for its end; undefined if the tree has ended in this call. */
  #run(
    cells: Cells,
    start: number,
    end: number,
    args: readonly unknown[],
    lane: Key | Actor | undefined,
  ): Promise<void> | undefined {
    return end === nextJob(cells, start)
      ? this.#jobs.run(cells, start, args, undefined, lane)
      : new JobTreeRun(cells, start, end, args, this.#jobs, lane).run(
          () => new Promise((done) => this.#whenUnblocked.push(done)),
        );
  }

  /** Starts another job tree. The results of one turn of the event loop are sent together. */
  #jobEnded(): void {
    if (this.#hasWaiting) this.pump();
    else if (this.#running === 0) {
      this.#reports.markIdle(performance.now());
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
