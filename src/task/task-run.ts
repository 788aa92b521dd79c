/**
 * One future's work on workers: the job that the scheduler sends, the origin that the future asks, and the link by which it follows another
 * future, all in one object, since there is one for every task.
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
import { unlistenSignal } from '../future/signal.js';
import { CANCELLED, FULFILLED, REJECTED } from '../future/state.js';
import { abandon } from '../future/upstream.js';
import type { RunOptions } from '../protocol/messages.js';
import { LARGEST_PLAN } from '../scheduling/encode-plan.js';
import { ATTACH, GONE, type Job, type JobWorker, QUEUED, SENT, type Step, WAITING } from '../scheduling/job.js';
import { UserTimer } from '../timers.js';
import { type Captured, capture } from './capture.js';
import { since } from './clock.js';
import type { Engine } from './engine.js';
import { ProgressFeed } from './progress-feed.js';
import { nextAttempt, retryAsData } from './retry.js';
import { type AwaitedArguments, RunExtras } from './run-extras.js';
import { continueStack } from './submit-stack.js';
import type { TaskInfo } from './task.js';
import { watchTimeout } from './timeout.js';

export class TaskRun implements Job, Origin, Reaction {
  readonly task: TaskInfo;
  /** By the engine's clock. */
  readonly #submittedAt: number;
  future!: Future<any>;
  args: readonly unknown[] | undefined = undefined;
  legs: TaskRun[] | undefined = undefined;
  phase: number = WAITING;
  worker: JobWorker | undefined = undefined;
  slot = -1;
  #feeder: Future<any> | undefined = undefined;
  #extras: RunExtras | undefined = undefined;

  constructor(task: TaskInfo) {
    this.task = task;
    this.#submittedAt = task.engine.now;
  }

  get extras(): RunExtras {
    this.#extras ??= new RunExtras();
    return this.#extras;
  }

  // ── beginning ─────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes the arguments and queues. What can't be sent rejects the future. */
  submit(args: readonly unknown[]): void {
    const captured = this.#capture(args);
    if (captured !== undefined) this.submitTaken(captured);
  }

  #capture(args: readonly unknown[]): Captured | undefined {
    try {
      return capture(args);
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Queues a run that was accepted before, with arguments that were not at hand then. */
  #takeAgain(args: readonly unknown[]): void {
    const captured = this.#capture(args);
    if (captured === undefined) return;
    this.args = captured.args;
    if (captured.transfer !== undefined) this.extras.transfer = captured.transfer;
    this.owner.enqueueAgain(this);
  }

  /** The same for arguments that were taken before. */
  submitTaken({ args, transfer }: Captured): void {
    this.args = args;
    if (transfer !== undefined) this.extras.transfer = transfer;
    this.owner.enqueue(this);
  }

  /** Follows a future: along with it, where that has not left yet. */
  follow(feeder: Future<any>): void {
    this.#feeder = feeder;
    feeder._addReaction(this);
    const head = feeder._origin;
    if (!(head instanceof TaskRun) || head.owner !== this.owner || head.phase > QUEUED) return;
    // Another job has the task that `attach` joins, so nothing can travel with it.
    if (head.task.steps[0] === ATTACH) return;
    const root = head.#extras?.root ?? head;
    if (root.extras.planSize >= LARGEST_PLAN) return;
    root.extras.planSize++;
    this.extras.root = root;
    head.legs ??= [];
    head.legs.push(this);
  }

  /** Waits for arguments that are futures, until they have settled or this run's future is cancelled. */
  waitsFor(awaited: AwaitedArguments): void {
    this.extras.awaited = awaited;
    this.owner.follow(this.future);
  }

  /** The feeder has settled. */
  react(feeder: Future<any>, settled: Future<any>[]): void {
    const { future } = this;
    feeder._observe();
    if (future.isSettled) return;
    this.#feeder ??= feeder;
    if (feeder._state === FULFILLED) {
      if (this.phase === WAITING) this.submit([feeder._value()]);
      // On its way already, with the feeder.
      else if (this.phase === SENT) this.worker?.fed(this);
    } else if (feeder._state === REJECTED) {
      if (this.#travelsOnFrom(feeder) || !advance(future, REJECTED, feeder._result)) return;
      // A step that is still with a worker must not begin.
      this.stop(feeder._result);
      settled.push(future);
    } else if (advance(future, CANCELLED, feeder._result)) {
      this.stop((feeder._result as Error).cause);
      settled.push(future);
    }
  }

  /** The feeder ran well, only its value could not come home; this leg was fed on the worker. */
  #travelsOnFrom(feeder: Future<any>): boolean {
    const head = feeder._origin;
    return head instanceof TaskRun && head.#extras?.goesOn === true && this.phase !== WAITING;
  }

  // ── Job: what the scheduler asks and tells ────────────────────────────────────────────────────────────────────────

  get id(): number {
    return this.future.id;
  }

  get steps(): readonly Step[] {
    return this.task.steps;
  }

  get priority(): number {
    return this.task.options.priority ?? 0;
  }

  get attempt(): number {
    return this.#extras?.attempt ?? 1;
  }

  get transfer(): readonly unknown[] | undefined {
    return this.#extras?.transfer;
  }

  get isHeldUp(): boolean {
    return this.#feeder !== undefined && !this.#feeder.isSettled;
  }

  get isTimed(): boolean {
    return this.task.options.timeout !== undefined && !this.owner.isQueue;
  }

  get options(): RunOptions {
    const { timeout, retry } = this.task.options;
    const { name, priority } = this;
    return { name, priority, timeout, retry: retryAsData(retry) };
  }

  sent(): void {
    watchTimeout(this);
  }

  ran(begunAt: number, endedAt: number): void {
    this.owner.ran(this, begunAt, endedAt);
    this.#extras?.ran?.(begunAt, endedAt);
  }

  /** ms from the submit to a moment (ms since the epoch). */
  waitedUntil(moment: number): number {
    return since(this.#submittedAt, moment);
  }

  fulfilled(value: unknown): void {
    fulfil(this.future, value);
  }

  rejected(error: unknown): void {
    if (this.task.options.retry === undefined) this.#fail(error);
    else this.#retryOrFail(error);
  }

  #retryOrFail(error: unknown): void {
    if (this.future.isSettled) return;
    // The scheduler has forgotten it; a terminate() in `when`, `delay` or a listener of `task-retried` must not.
    this.owner.follow(this.future);
    let delay: number | undefined;
    try {
      delay = nextAttempt(this, error);
    } catch (failure) {
      // The user's `when` or `delay` threw: that is the news then.
      this.#fail(failure);
      return;
    }
    if (delay === undefined) {
      this.#fail(error);
      return;
    }
    if (!this.future.isSettled) this.owner.retried(this, delay, error);
    if (!this.future.isSettled) this.#again(delay);
  }

  cancelled(reason: unknown): void {
    this.future.cancel(reason);
  }

  unclonable(error: unknown): void {
    this.extras.goesOn = true;
    this.#fail(error);
  }

  comeBack(): void {
    const feeder = this.#feeder;
    // A feeder that has not settled calls `react` when it does.
    if (feeder?._state === FULFILLED) this.#takeAgain([feeder._value()]);
    // Its value could not be sent to this thread, and the worker that had it is gone.
    else if (feeder?._state === REJECTED) this.#fail(feeder._result);
  }

  /** The value that this run needs was on a worker alone: it can't be run again. */
  get hasLostInput(): boolean {
    return this.#feeder?._state === REJECTED;
  }

  /** Takes back the legs that this run feeds. False if one of them has begun. */
  withdrawLegs(): boolean {
    return (this.legs ?? []).every((leg) => leg.future.isSettled || this.owner.withdraw(leg));
  }

  progressed(value: unknown): void {
    this.extras.progress ??= new ProgressFeed(false);
    this.extras.progress.next(value);
    this.extras.relay?.(value);
  }

  streamed(values: readonly unknown[]): void {
    this.#extras?.feed?.streamed(values);
  }

  #fail(error: unknown): void {
    const stack = this.#extras?.stack;
    if (stack !== undefined) continueStack(error, stack);
    reject(this.future, error);
  }

  /** A new run after `delay` ms, together with the legs that wait for this one. */
  #again(delay: number): void {
    const { extras } = this;
    extras.attempt++;
    extras.retrying?.();
    extras.timer?.stop();
    this.#leave();
    if (delay === 0) this.#goAgain();
    else extras.timer = new UserTimer(delay, () => this.#goAgain());
  }

  #goAgain(): void {
    if (this.args !== undefined) this.owner.enqueueAgain(this);
    else this.comeBack();
  }

  /** Off the worker, and so are its legs: nothing that is still reported of them there counts. Advances to `waiting`. */
  #leave(): void {
    this.phase = WAITING;
    this.worker = undefined;
    for (const leg of this.legs ?? []) if (!leg.future.isSettled) leg.#leave();
  }

  // ── Origin: what the future asks ──────────────────────────────────────────────────────────────────────────────────

  get owner(): Engine {
    return this.task.engine;
  }

  get name(): string {
    return this.task.name;
  }

  get threadId(): number | undefined {
    if (this.phase === GONE) return this.worker?.threadId;
    return this.isRunning() ? this.worker?.threadId : undefined;
  }

  /** Of several arguments that are pending another one may fail, and end the waiting. */
  get source(): Future<any> | undefined {
    if (this.#feeder !== undefined) return this.#feeder;
    const pending = this.#extras?.awaited?.pending;
    return pending?.length === 1 ? pending[0] : undefined;
  }

  /** Between two attempts too: a state never goes back. */
  isRunning(): boolean {
    return this.attempt > 1 || (this.phase === SENT && this.worker !== undefined && this.worker.hasBegun(this));
  }

  stop(reason: unknown): void {
    if (this.phase === WAITING) this.phase = GONE;
    else this.owner.cancelJob(this, reason);
    if (this.#feeder !== undefined) abandon(this.#feeder, this, reason);
    this.#extras?.awaited?.stop(reason);
  }

  release(): void {
    const { signal } = this.task.options;
    if (this.phase === QUEUED) this.owner.cancelJob(this, undefined);
    this.phase = GONE;
    this.worker = this.worker?.identity;
    this.owner.settled(this);
    this.args = undefined;
    this.legs = undefined;
    this.#feeder = undefined;
    if (signal !== undefined) unlistenSignal(signal, this.future);
    this.#extras?.timer?.stop();
    const progress = this.#extras?.progress;
    progress?.complete();
    this.owner.unfollow(this.future);
    // The legs that it feeds are yet to hear that they go on without it.
    if (this.#extras?.goesOn !== true) this.#extras = undefined;
    else this.#extras.context = undefined;
    // And the last that the task has reported is replayed to whoever asks later.
    if (progress !== undefined) this.extras.progress = progress;
  }

  progress(): Observable<unknown> {
    this.extras.progress ??= new ProgressFeed(this.future.isSettled);
    return this.extras.progress.values;
  }
}
