/**
 * The work of one future on the workers. A run has three roles:
 *
 *   - {@link Job}: the scheduler dispatches it to a worker.
 *   - {@link Producer}: its future asks it for its state, and stops it.
 *   - {@link Reaction}: an upstream future notifies it when the upstream value is there.
 *
 * One object has all three roles, because three objects for each task would need more memory and
 * time. Therefore this file is long.
 *
 * A run starts in one of two ways:
 *
 *   - Submitted: its arguments are known, so it is enqueued at once.
 *   - Chained: it follows an upstream future. If the upstream job has not been dispatched yet, this
 *     job joins its job tree. Otherwise it waits for the upstream value, and is then enqueued with
 *     that value as its argument.
 */
import type { Observable } from 'rxjs';
import type { Future } from '../../future/future.js';
import type { Producer } from '../../future/producer.js';
import type { Reaction } from '../../future/reaction.js';
import { advance, fulfil, reject, rejectAndStop, whenSettled } from '../../future/settle.js';
import { unlistenSignal } from '../../future/signal.js';
import { CANCELLED, FULFILLED, REJECTED } from '../../future/state.js';
import { abandon } from '../../future/upstream.js';
import { freeBytes, isLarge } from '../../protocol/bytes.js';
import type { HighWaterMark, RunOptions } from '../../protocol/messages.js';
import { closeUnused } from '../../protocol/transfer.js';
import type { Job, JobKind, JobWorker, Step } from '../../scheduling/job/job.js';
import { advanceJob, GONE, QUEUED, SENT, WAITING } from '../../scheduling/job/job-state.js';
import { MAX_TREE_SIZE } from '../../scheduling/job/job-tree.js';
import type { Place } from '../../scheduling/job/place.js';
import { diedBetweenSteps } from '../../scheduling/worker/worker-died.js';
import type { Engine } from '../engine.js';
import type { TaskInfo } from '../handles/task-info.js';
import { RunStreams } from '../inputs/run-streams.js';
import { since } from '../observe/clock.js';
import { disposed, type SharedUse } from '../sharing/shared.js';
import { type Captured, capture } from './capture.js';
import { deadlineAsData } from './deadline.js';
import { joinLane, shareTree } from './key.js';
import { ProgressSubject } from './progress-subject.js';
import { type AwaitedArguments, LEFT_OUT, RareFields } from './rare-fields.js';
import { retryAsData, retryOrFail } from './retry.js';
import { continueStack } from './submit-stack.js';
import { watchTimeout } from './timeout.js';

/** Stands for the arguments of a run that has none yet, or none any more. */
const NO_ARGS = Symbol('no arguments');

export class TaskRun implements Job, Producer, Reaction {
  readonly task: TaskInfo;
  /** The tick of the submit, by the engine's clock. */
  readonly #submittedAt: number;
  future!: Future<any>;
  /**
   * The arguments. A single argument is here without its array, unless it is an array itself. Most
   * runs have one argument, and its array would take a fifth of the memory of a waiting run.
   */
  #args: unknown = NO_ARGS;
  state: number = WAITING;
  worker: JobWorker | undefined = undefined;
  slot = -1;
  /**
   * The shared values among the arguments. The run uses them until its future has settled. They are
   * not among the rare fields, because that object would cost more memory than the rest of a shared
   * argument.
   */
  shared: readonly SharedUse[] | undefined = undefined;
  /** Not among the rare fields, which would make a task with a key cost half as much again. */
  place: Place | undefined = undefined;
  #upstream: Future<any> | undefined = undefined;
  #rare: RareFields | undefined = undefined;

  constructor(task: TaskInfo) {
    this.task = task;
    this.#submittedAt = task.engine.recorder.now;
  }

  get rare(): RareFields {
    this.#rare ??= new RareFields();
    return this.#rare;
  }

  // ── from the arguments to the queue ────────────────────────────────────────────────────────────

  /**
   * Captures the arguments and enqueues the run. An argument that can't be sent rejects the future.
   */
  submit(args: readonly unknown[]): void {
    if (this.#capture(args)) this.owner.enqueue(this);
  }

  /** Enqueues the run with arguments that were captured before. */
  submitCaptured(captured: Captured): void {
    if (!this.#take(captured)) return;
    if (this.streams?.isAwaited === true) this.owner.enqueueFirst(this);
    else this.owner.enqueue(this);
  }

  /** Returns false if the run must not be enqueued, because its future has settled. */
  #capture(args: readonly unknown[]): boolean {
    try {
      const captured = capture(args, this.owner);
      if (!this.future.isSettled) {
        if (captured.args !== args) this.#ownLarge(captured.args);
        return this.#take(captured);
      }
      // A getter among the arguments has cancelled the future.
      if (captured.transfer !== undefined) closeUnused(captured.transfer);
    } catch (error) {
      this.fail(error);
    }
    return false;
  }

  /** Messages copy large bytes, so no other code has the captured ones. `release` frees them. */
  #ownLarge(captured: readonly unknown[]): void {
    for (let i = 0; i < captured.length; i++) {
      const arg = captured[i];
      if (!isLarge(arg)) continue;
      this.rare.large ??= [];
      this.rare.large.push(arg);
    }
  }

  #take({ args, transfer, shared, isHeld, streams }: Captured): boolean {
    if (shared !== undefined && !this.use(shared, isHeld)) return false;
    this.args = args;
    if (transfer !== undefined) this.rare.transfer = transfer;
    if (streams !== undefined) this.streamsOf().read(streams);
    return true;
  }

  /**
   * Uses shared values until the future has settled. Returns false if one of them was disposed of
   * and is not held for this run, so that the future is rejected.
   */
  use(shared: readonly SharedUse[], isHeld = false): boolean {
    for (const { data } of shared) {
      if (!data.isDisposed || isHeld) continue;
      this.fail(disposed(data));
      return false;
    }
    for (const { data } of shared) data.use();
    this.shared = this.shared === undefined ? shared : [...this.shared, ...shared];
    return true;
  }

  /**
   * Follows an upstream future. Joins its job tree if the upstream job has not been dispatched yet.
   */
  follow(upstream: Future<any>): void {
    this.owner.follow(this.future);
    if (upstream.isSettled) {
      joinLane(this);
      whenSettled(upstream, this);
      return;
    }
    this.#upstream = upstream;
    upstream._addReaction(this);
    if (!this.#joinTree(upstream)) joinLane(this);
  }

  #joinTree(upstream: Future<any>): boolean {
    const upstreamRun = upstream._producer;
    if (!(upstreamRun instanceof TaskRun) || upstreamRun.owner !== this.owner || upstreamRun.state > QUEUED)
      return false;
    // The task that `attach` joins belongs to another job, so nothing can join its job tree.
    if (upstreamRun.kind === 'attach') return false;
    const root = upstreamRun.#rare?.root ?? upstreamRun;
    if (root.rare.treeSize >= MAX_TREE_SIZE || !shareTree(this, root)) return false;
    root.rare.treeSize++;
    this.rare.root = root;
    upstreamRun.rare.dependents ??= [];
    upstreamRun.rare.dependents.push(this);
    return true;
  }

  /**
   * Makes the run wait for arguments that are futures, until they have settled or the run's own
   * future is cancelled.
   */
  waitsFor(awaited: AwaitedArguments): void {
    this.rare.awaited = awaited;
    this.owner.follow(this.future);
  }

  /** Called when the upstream future has settled. */
  react(upstream: Future<any>, settled: Future<any>[]): void {
    const { future } = this;
    upstream._observe();
    if (future.isSettled) return;
    this.#upstream ??= upstream;
    if (upstream._state === FULFILLED) {
      this.#startDeadlines();
      if (this.state === WAITING) this.submit([upstream._value()]);
      // The job was dispatched already, together with the upstream job.
      else if (this.state === SENT) this.worker?.upstreamSettled(this);
    } else if (upstream._state === REJECTED) {
      if (this.#receivedInputFrom(upstream)) {
        this.#startDeadlines();
        return;
      }
      if (!advance(future, REJECTED, upstream._result)) return;
      // A step that was dispatched to a worker must not start.
      this.stop(upstream._result);
      settled.push(future);
    } else if (advance(future, CANCELLED, upstream._result)) {
      this.stop((upstream._result as Error).cause);
      settled.push(future);
    }
  }

  /** Called when the input is there. */
  #startDeadlines(): void {
    const deadlines = this.#rare?.deadlines;
    if (deadlines !== undefined) for (const deadline of deadlines) deadline.startFor(this);
  }

  /**
   * Returns whether this job received its input on the worker although `upstream` was rejected. In
   * that case the upstream task succeeded, and only its value could not be sent to this thread.
   */
  #receivedInputFrom(upstream: Future<any>): boolean {
    const upstreamRun = upstream._producer;
    return upstreamRun instanceof TaskRun && upstreamRun.isResultUnsendable && this.state !== WAITING;
  }

  /** True if the task succeeded, but its result could not be sent to this thread. */
  get isResultUnsendable(): boolean {
    return this.#rare?.resultUnsendable === true;
  }

  // ── Job: called by the scheduler ───────────────────────────────────────────────────────────────

  get id(): number {
    return this.future.id;
  }

  get args(): readonly unknown[] | undefined {
    const args = this.#args;
    if (args === NO_ARGS) return undefined;
    return Array.isArray(args) ? args : [args];
  }

  set args(args: readonly unknown[] | undefined) {
    if (args === undefined) this.#args = NO_ARGS;
    else this.#args = args.length === 1 && !Array.isArray(args[0]) ? args[0] : args;
  }

  get hasArgs(): boolean {
    return this.#args !== NO_ARGS;
  }

  get dependents(): readonly TaskRun[] | undefined {
    return this.#rare?.dependents;
  }

  get kind(): JobKind {
    return this.task.kind ?? 'call';
  }

  get steps(): readonly Step[] {
    return this.task.steps;
  }

  get highWaterMark(): HighWaterMark | undefined {
    return this.task.highWaterMark;
  }

  get priority(): number {
    return this.task.options.priority ?? 0;
  }

  get attempt(): number {
    return this.#rare?.attempt ?? 1;
  }

  get context(): unknown {
    return this.#rare?.context;
  }

  get streams(): RunStreams | undefined {
    return this.#rare?.streams;
  }

  /** The streams of the run, which are created if it has none. */
  streamsOf(): RunStreams {
    this.rare.streams ??= new RunStreams(this);
    return this.rare.streams;
  }

  get transfer(): readonly unknown[] | undefined {
    return this.#rare?.transfer;
  }

  get pin(): JobWorker | undefined {
    return this.#rare?.pin;
  }

  get mayRunAgain(): boolean {
    return this.task.options.retry !== undefined;
  }

  get awaitsUpstream(): boolean {
    return this.#upstream !== undefined && !this.#upstream.isSettled;
  }

  get isTimed(): boolean {
    return this.task.options.timeout !== undefined && !this.owner.traits.limitsTime;
  }

  get terminateAfter(): number | undefined {
    return this.task.options.terminateAfter;
  }

  get options(): RunOptions {
    const { timeout, terminateAfter, retry } = this.task.options;
    const { name, priority } = this;
    const deadline = this.#rare?.deadlines === undefined ? undefined : deadlineAsData(this);
    return { name, priority, timeout, terminateAfter, deadline, retry: retryAsData(retry) };
  }

  sent(): void {
    watchTimeout(this);
  }

  ran(startedAt: number, endedAt: number): void {
    this.owner.recorder.ran(this, startedAt, endedAt);
    this.#rare?.tap?.ran(startedAt, endedAt);
  }

  /** Returns the ms from the submit to a moment (in ms since the epoch). */
  waitedUntil(moment: number): number {
    return since(this.#submittedAt, moment);
  }

  fulfilled(value: unknown): void {
    fulfil(this.future, value);
  }

  rejected(error: unknown): void {
    if (this.task.options.retry === undefined) this.fail(error);
    else retryOrFail(this, error);
  }

  cancelled(reason: unknown): void {
    this.future.cancel(reason);
  }

  unclonable(error: unknown): void {
    this.rare.resultUnsendable = true;
    this.fail(error);
  }

  requeue(): void {
    const upstream = this.#upstream;
    // If the upstream future has not settled, it calls `react` later.
    if (upstream?._state === FULFILLED) {
      if (this.#capture([upstream._value()])) this.owner.enqueueAgain(this);
    }
    // The upstream value could not be sent to this thread, and the worker that had it has ended.
    else if (upstream?._state === REJECTED) this.fail(upstream._result);
  }

  /** True if the input of this run existed only on a worker, so that the run can't be repeated. */
  get hasLostInput(): boolean {
    return this.#upstream?._state === REJECTED;
  }

  leftOut(): void {
    // A part that had started there can't be left out, and it can't be repeated elsewhere. It had
    // started if this run is a retry, or follows another run of a pipeline.
    if (this.attempt === 1 && this.#upstream === undefined) this.future.cancel(LEFT_OUT);
    else this.fail(this.rare.lastFailure ?? diedBetweenSteps(this.pin!, this.name));
  }

  progressed(value: unknown): void {
    this.rare.progress ??= new ProgressSubject(false);
    this.rare.progress.next(value);
    this.rare.tap?.progressed(value);
  }

  streamed(values: readonly unknown[], bytes: number, creditLeft: number | undefined): void {
    this.#rare?.valueSink?.streamed(values, bytes, creditLeft);
  }

  /** Lets a stream emit `count` more values. Returns false if the run is not on a worker. */
  grant(count: number): boolean {
    if (this.state !== SENT || this.worker === undefined) return false;
    this.worker.grant(this, count);
    return true;
  }

  /** Advances the future to `rejected`. */
  fail(error: unknown): void {
    this.#continueStack(error);
    reject(this.future, error);
  }

  /** Advances the future to `rejected`, and stops the work, which may have started. */
  failAndStop(error: unknown): void {
    this.#continueStack(error);
    rejectAndStop(this.future, error);
  }

  #continueStack(error: unknown): void {
    const stack = this.#rare?.stack;
    if (stack !== undefined) continueStack(error, stack);
  }

  /**
   * Detaches the run and its dependents from the worker, so that later reports of that worker about
   * them are ignored. Advances to `waiting`.
   */
  detachFromWorker(): void {
    if (this.state !== WAITING) advanceJob(this, WAITING);
    this.worker = undefined;
    for (const dependent of this.dependents ?? []) if (!dependent.future.isSettled) dependent.detachFromWorker();
  }

  // ── Producer: called by the future ─────────────────────────────────────────────────────────────

  get owner(): Engine {
    return this.task.engine;
  }

  get name(): string {
    return this.task.name;
  }

  get threadId(): number | undefined {
    if (this.state === GONE) return this.worker?.threadId;
    return this.isRunning() ? this.worker?.threadId : undefined;
  }

  /**
   * Undefined if several arguments are pending, because the run does not wait for one alone:
   * another one may fail and end the wait.
   */
  get source(): Future<any> | undefined {
    if (this.#upstream !== undefined) return this.#upstream;
    const pending = this.#rare?.awaited?.pending;
    return pending?.length === 1 ? pending[0] : undefined;
  }

  /** The futures for which the run waits before it can be enqueued. */
  get sources(): readonly Future<any>[] {
    return this.#upstream === undefined ? (this.#rare?.awaited?.pending ?? []) : [this.#upstream];
  }

  /** True between two attempts too, because a state never goes back. */
  isRunning(): boolean {
    return this.attempt > 1 || (this.state === SENT && this.worker !== undefined && this.worker.hasClaimed(this));
  }

  stop(reason: unknown): void {
    if (this.state === WAITING) advanceJob(this, GONE);
    else this.owner.cancelJob(this, reason);
    if (this.#upstream !== undefined) abandon(this.#upstream, this, reason);
    this.#rare?.awaited?.stop(reason);
  }

  release(): void {
    const { signal } = this.task.options;
    if (this.state === QUEUED) this.owner.cancelJob(this, undefined);
    if (this.state !== GONE) advanceJob(this, GONE);
    this.worker = this.worker?.identity;
    this.owner.recorder.settled(this);
    this.#args = NO_ARGS;
    if (this.#rare?.large !== undefined) this.#rare.large.forEach(freeBytes);
    this.#upstream = undefined;
    if (signal !== undefined) unlistenSignal(signal, this.future);
    this.#rare?.timer?.stop();
    if (this.#rare?.deadlines !== undefined) for (const deadline of this.#rare.deadlines) deadline.stopFor(this);
    // Closes the parts that were not sent, because no other code closes them. Sent parts belong to
    // the worker.
    if (this.#rare?.transfer !== undefined) closeUnused(this.#rare.transfer);
    const { shared } = this;
    if (shared !== undefined) {
      this.shared = undefined;
      for (let i = 0; i < shared.length; i++) shared[i]!.data.release();
    }
    if (this.place !== undefined) this.owner.dispatcher.leaveKey(this.place);
    this.place = undefined;
    const streams = this.#rare?.streams;
    const progress = this.#rare?.progress;
    progress?.complete();
    this.owner.unfollow(this.future);
    // After an unsendable result the fields are kept, because dependent jobs still read
    // `resultUnsendable`.
    if (!this.isResultUnsendable) this.#rare = undefined;
    else this.rare.asyncContext = this.rare.context = this.rare.dependents = undefined;
    // The last progress value is replayed to late subscribers.
    if (progress !== undefined) this.rare.progress = progress;
    // The sources of the task end last, because their end may call code of the user.
    streams?.settled();
  }

  progress(): Observable<unknown> {
    this.rare.progress ??= new ProgressSubject(this.future.isSettled);
    return this.rare.progress.values;
  }
}
