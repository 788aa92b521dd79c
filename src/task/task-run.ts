/**
 * One future's work on workers: the job that the scheduler sends, the origin that the future asks, and the link by which it
 * follows another future, all in one object, since there is one for every task.
 *
 * Ways to begin:
 *   - submitted: its arguments are there, it is queued at once;
 *   - chained: it follows a feeder. Where that has not been sent yet, it travels along as a leg of the same plan; otherwise
 *     it waits for the feeder's value and is queued then, with the value as its argument.
 */
import type { Observable } from 'rxjs';
import type { Future } from '../future/future.js';
import type { Origin } from '../future/origin.js';
import type { Reaction } from '../future/reaction.js';
import { advance, fulfil, reject } from '../future/settle.js';
import { CANCELLED, FULFILLED, REJECTED } from '../future/state.js';
import { abandon } from '../future/upstream.js';
import { LARGEST_PLAN } from '../scheduling/encode-plan.js';
import { GONE, type Job, type JobWorker, QUEUED, SENT, type Step, WAITING } from '../scheduling/job.js';
import { capture } from './capture.js';
import type { Engine } from './engine.js';
import { ProgressFeed } from './progress-feed.js';
import { unlistenSignal } from './signal.js';
import type { RunOptions } from './task-options.js';

export class TaskRun implements Job, Origin, Reaction {
  readonly owner: Engine;
  readonly steps: readonly Step[];
  readonly name: string;
  readonly priority: number;
  attempt = 1;
  future!: Future<any>;
  args: readonly unknown[] | undefined = undefined;
  transfer: readonly unknown[] | undefined = undefined;
  legs: TaskRun[] | undefined = undefined;
  phase: number = WAITING;
  worker: JobWorker | undefined = undefined;
  slot = -1;
  threadId: number | undefined = undefined;
  submittedAt = 0;
  #feeder: Future<any> | undefined = undefined;
  /** The run whose plan this one is part of: itself, or the one at the head of those that travel together. */
  #root: TaskRun = this;
  #planSize = 1;
  #goesOn = false;
  readonly #signal: AbortSignal | undefined;
  #progress: ProgressFeed | undefined = undefined;
  /** Stops the waiting for arguments that are futures. */
  #stopWaiting: ((reason: unknown) => void) | undefined = undefined;

  constructor(engine: Engine, steps: readonly Step[], name: string, options: RunOptions) {
    this.owner = engine;
    this.steps = steps;
    this.name = name;
    this.priority = options.priority ?? 0;
    this.#signal = options.signal;
  }

  get id(): number {
    return this.future.id;
  }

  // ── beginning ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes the arguments and queues. What can't be sent rejects the future. */
  submit(args: readonly unknown[]): void {
    try {
      const captured = capture(args);
      this.args = captured.args;
      this.transfer = captured.transfer;
    } catch (error) {
      reject(this.future, error);
      return;
    }
    this.owner.enqueue(this);
  }

  /** Follows a future: along with it, where that has not left yet. */
  follow(feeder: Future<any>): void {
    this.#feeder = feeder;
    feeder._addReaction(this);
    const head = feeder._origin;
    if (
      head instanceof TaskRun &&
      head.owner === this.owner &&
      head.phase <= QUEUED &&
      head.#root.#planSize < LARGEST_PLAN
    ) {
      this.#root = head.#root;
      this.#root.#planSize++;
      head.legs ??= [];
      head.legs.push(this);
    }
  }

  /** Waits for arguments that are futures; `stopWaiting` is called when this run's future settles before they do. */
  waitsFor(stopWaiting: (reason: unknown) => void): void {
    this.#stopWaiting = stopWaiting;
    this.owner.follow(this.future);
  }

  /** The feeder has settled. */
  react(feeder: Future<any>, settled: Future<any>[]): void {
    const { future } = this;
    if (future.isSettled) return;
    feeder._observe();
    if (feeder._state === FULFILLED) {
      // On its way already, with the feeder.
      if (this.phase === WAITING) this.submit([feeder._value()]);
    } else if (feeder._state === REJECTED) {
      if (this.#travelsOnFrom(feeder) || !advance(future, REJECTED, feeder._result)) return;
      settled.push(future);
    } else if (advance(future, CANCELLED, feeder._result)) {
      this.stop((feeder._result as Error).cause);
      settled.push(future);
    }
  }

  /** The feeder ran well, only its value could not come home; the leg was fed on the worker. */
  #travelsOnFrom(feeder: Future<any>): boolean {
    const head = feeder._origin;
    return head instanceof TaskRun && head.#goesOn && this.phase !== WAITING;
  }

  // ── Job: what the scheduler tells ─────────────────────────────────────────────────────────────────────────────────

  fulfilled(value: unknown): void {
    this.#cameHome();
    fulfil(this.future, value);
  }

  rejected(error: unknown): void {
    this.#cameHome();
    reject(this.future, error);
  }

  unclonable(error: unknown): void {
    this.#goesOn = true;
    this.rejected(error);
  }

  comeBack(): void {
    // Where the feeder has no value yet, its end will be heard of through `react`.
    if (this.#feeder?._state === FULFILLED) this.submit([this.#feeder._value()]);
  }

  progressed(value: unknown): void {
    this.#progress?.next(value);
  }

  #cameHome(): void {
    this.threadId = this.worker?.threadId;
  }

  // ── Origin: what the future asks ──────────────────────────────────────────────────────────────────────────────────

  isRunning(): boolean {
    return this.phase === SENT && this.worker !== undefined && this.worker.hasBegun(this.slot);
  }

  stop(reason: unknown): void {
    if (this.isRunning()) this.#cameHome();
    if (this.phase === WAITING) this.phase = GONE;
    else this.owner.cancelJob(this, reason);
    const feeder = this.#feeder;
    if (feeder !== undefined) abandon(feeder, this, reason);
    this.#stopWaiting?.(reason);
  }

  release(): void {
    if (this.phase === QUEUED) this.owner.cancelJob(this, undefined);
    this.phase = GONE;
    this.args = undefined;
    this.transfer = undefined;
    this.#progress?.complete();
    if (this.#signal !== undefined) unlistenSignal(this.#signal, this.future);
    this.owner.unfollow(this.future);
    this.owner.settled(this.future);
    this.#feeder = undefined;
    this.#stopWaiting = undefined;
    this.legs = undefined;
    this.#root = this;
  }

  progress(): Observable<unknown> {
    this.#progress ??= new ProgressFeed(this.future.isSettled);
    return this.#progress.values;
  }
}
