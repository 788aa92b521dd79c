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
import type { Future } from '../../future/future.js';
import type { Producer } from '../../future/producer.js';
import type { Reaction } from '../../future/reaction.js';
import { advance, fulfil, reject } from '../../future/settle.js';
import { unlistenSignal } from '../../future/signal.js';
import { CANCELLED, FULFILLED, REJECTED } from '../../future/state.js';
import { abandon } from '../../future/upstream.js';
import { UserTimer } from '../../platform/timers.js';
import type { RunOptions } from '../../protocol/messages.js';
import { closeUnused } from '../../protocol/transfer.js';
import { ATTACH, GONE, type Job, type JobWorker, QUEUED, SENT, type Step, WAITING } from '../../scheduling/job.js';
import { MAX_TREE_SIZE } from '../../scheduling/job-tree-encoder.js';
import type { Engine } from '../engine.js';
import type { TaskInfo } from '../handles/task.js';
import { since } from '../observe/clock.js';
import { type Captured, capture } from './capture.js';
import { ProgressSubject } from './progress-subject.js';
import { type AwaitedArguments, RareFields } from './rare-fields.js';
import { nextAttempt, retryAsData } from './retry.js';
import { continueStack } from './submit-stack.js';
import { watchTimeout } from './timeout.js';

export class TaskRun implements Job, Producer, Reaction {
  readonly task: TaskInfo;
  /** By the engine's clock. */
  readonly #submittedAt: number;
  future!: Future<any>;
  args: readonly unknown[] | undefined = undefined;
  dependents: TaskRun[] | undefined = undefined;
  phase: number = WAITING;
  worker: JobWorker | undefined = undefined;
  slot = -1;
  #upstream: Future<any> | undefined = undefined;
  #rare: RareFields | undefined = undefined;

  constructor(task: TaskInfo) {
    this.task = task;
    this.#submittedAt = task.engine.now;
  }

  get rare(): RareFields {
    this.#rare ??= new RareFields();
    return this.#rare;
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
    if (captured.transfer !== undefined) this.rare.transfer = captured.transfer;
    this.owner.enqueueAgain(this);
  }

  /** The same for arguments that were taken before. */
  submitTaken({ args, transfer }: Captured): void {
    this.args = args;
    if (transfer !== undefined) this.rare.transfer = transfer;
    this.owner.enqueue(this);
  }

  /** Follows a future: along with it, where that has not left yet. */
  follow(upstream: Future<any>): void {
    this.#upstream = upstream;
    upstream._addReaction(this);
    const head = upstream._producer;
    if (!(head instanceof TaskRun) || head.owner !== this.owner || head.phase > QUEUED) return;
    // Another job has the task that `attach` joins, so nothing can travel with it.
    if (head.task.steps[0] === ATTACH) return;
    const root = head.#rare?.root ?? head;
    if (root.rare.treeSize >= MAX_TREE_SIZE) return;
    root.rare.treeSize++;
    this.rare.root = root;
    head.dependents ??= [];
    head.dependents.push(this);
  }

  /** Waits for arguments that are futures, until they have settled or this run's future is cancelled. */
  waitsFor(awaited: AwaitedArguments): void {
    this.rare.awaited = awaited;
    this.owner.follow(this.future);
  }

  /** The feeder has settled. */
  react(upstream: Future<any>, settled: Future<any>[]): void {
    const { future } = this;
    upstream._observe();
    if (future.isSettled) return;
    this.#upstream ??= upstream;
    if (upstream._state === FULFILLED) {
      if (this.phase === WAITING) this.submit([upstream._value()]);
      // On its way already, with the feeder.
      else if (this.phase === SENT) this.worker?.upstreamSettled(this);
    } else if (upstream._state === REJECTED) {
      if (this.#travelsOnFrom(upstream) || !advance(future, REJECTED, upstream._result)) return;
      // A step that is still with a worker must not begin.
      this.stop(upstream._result);
      settled.push(future);
    } else if (advance(future, CANCELLED, upstream._result)) {
      this.stop((upstream._result as Error).cause);
      settled.push(future);
    }
  }

  /** The feeder ran well, only its value could not come home; this leg was fed on the worker. */
  #travelsOnFrom(upstream: Future<any>): boolean {
    const head = upstream._producer;
    return head instanceof TaskRun && head.#rare?.resultUnsendable === true && this.phase !== WAITING;
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
    return this.#rare?.attempt ?? 1;
  }

  get transfer(): readonly unknown[] | undefined {
    return this.#rare?.transfer;
  }

  get awaitsUpstream(): boolean {
    return this.#upstream !== undefined && !this.#upstream.isSettled;
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

  ran(startedAt: number, endedAt: number): void {
    this.owner.ran(this, startedAt, endedAt);
    this.#rare?.ran?.(startedAt, endedAt);
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
    this.rare.resultUnsendable = true;
    this.#fail(error);
  }

  requeue(): void {
    const upstream = this.#upstream;
    // A feeder that has not settled calls `react` when it does.
    if (upstream?._state === FULFILLED) this.#takeAgain([upstream._value()]);
    // Its value could not be sent to this thread, and the worker that had it is gone.
    else if (upstream?._state === REJECTED) this.#fail(upstream._result);
  }

  /** The value that this run needs was on a worker alone: it can't be run again. */
  get hasLostInput(): boolean {
    return this.#upstream?._state === REJECTED;
  }

  /** Takes back the legs that this run feeds. False if one of them has begun. */
  revokeJobs(): boolean {
    return (this.dependents ?? []).every((dependent) => dependent.future.isSettled || this.owner.withdraw(dependent));
  }

  progressed(value: unknown): void {
    this.rare.progress ??= new ProgressSubject(false);
    this.rare.progress.next(value);
    this.rare.relay?.(value);
  }

  streamed(values: readonly unknown[]): void {
    this.#rare?.feed?.streamed(values);
  }

  #fail(error: unknown): void {
    const stack = this.#rare?.stack;
    if (stack !== undefined) continueStack(error, stack);
    reject(this.future, error);
  }

  /** A new run after `delay` ms, together with the legs that wait for this one. */
  #again(delay: number): void {
    const { rare } = this;
    rare.attempt++;
    rare.retrying?.();
    rare.timer?.stop();
    this.#leave();
    if (delay === 0) this.#goAgain();
    else rare.timer = new UserTimer(delay, () => this.#goAgain());
  }

  #goAgain(): void {
    if (this.args !== undefined) this.owner.enqueueAgain(this);
    else this.requeue();
  }

  /** Off the worker, and so are its legs: nothing that is still reported of them there counts. Advances to `waiting`. */
  #leave(): void {
    this.phase = WAITING;
    this.worker = undefined;
    for (const dependent of this.dependents ?? []) if (!dependent.future.isSettled) dependent.#leave();
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
    if (this.#upstream !== undefined) return this.#upstream;
    const pending = this.#rare?.awaited?.pending;
    return pending?.length === 1 ? pending[0] : undefined;
  }

  /** Between two attempts too: a state never goes back. */
  isRunning(): boolean {
    return this.attempt > 1 || (this.phase === SENT && this.worker !== undefined && this.worker.hasClaimed(this));
  }

  stop(reason: unknown): void {
    if (this.phase === WAITING) this.phase = GONE;
    else this.owner.cancelJob(this, reason);
    if (this.#upstream !== undefined) abandon(this.#upstream, this, reason);
    this.#rare?.awaited?.stop(reason);
  }

  release(): void {
    const { signal } = this.task.options;
    if (this.phase === QUEUED) this.owner.cancelJob(this, undefined);
    this.phase = GONE;
    this.worker = this.worker?.identity;
    this.owner.settled(this);
    this.args = undefined;
    this.dependents = undefined;
    this.#upstream = undefined;
    if (signal !== undefined) unlistenSignal(signal, this.future);
    this.#rare?.timer?.stop();
    // Parts that were sent have moved on. The others have nobody who would close them.
    if (this.#rare?.transfer !== undefined) closeUnused(this.#rare.transfer);
    const progress = this.#rare?.progress;
    progress?.complete();
    this.owner.unfollow(this.future);
    // The legs that it feeds are yet to hear that they go on without it.
    if (this.#rare?.resultUnsendable !== true) this.#rare = undefined;
    else this.#rare.context = undefined;
    // And the last that the task has reported is replayed to whoever asks later.
    if (progress !== undefined) this.rare.progress = progress;
  }

  progress(): Observable<unknown> {
    this.rare.progress ??= new ProgressSubject(this.future.isSettled);
    return this.rare.progress.values;
  }
}
