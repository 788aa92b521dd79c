/**
 * One actor: its state, and what happens to its calls when its object is constructed, ends or is
 * lost. The lane of the actor has its calls in their order (scheduling/lanes/actor-lane.ts).
 *
 * The file is long because each event in the life of an actor has a method here.
 */
import type { Future } from '../../future/future.js';
import type { Reaction } from '../../future/reaction.js';
import { fulfil, whenSettled } from '../../future/settle.js';
import { CANCELLED, FULFILLED, REJECTED } from '../../future/state.js';
import type { Job, JobWorker, Step } from '../../scheduling/job/job.js';
import { GONE } from '../../scheduling/job/job-state.js';
import { ActorLane, type ActorLoss, type LaneActor } from '../../scheduling/lanes/actor-lane.js';
import type { ActorLanes } from '../../scheduling/lanes/actor-lanes.js';
import type { Engine } from '../engine.js';
import type { TaskInfo } from '../handles/task-info.js';
import type { TaskOptions } from '../handles/task-options.js';
import type { TaskRun } from '../run/task-run.js';
import type { ActorPlan } from './actor-plan.js';
import { type ActorState, mayAdvance } from './actor-state.js';
import { actorEnded, rejectCall, rejectCalls } from './rejected-calls.js';

export class ActorControl implements LaneActor, Reaction {
  readonly name: string;
  readonly lane: ActorLane;
  readonly #plan: ActorPlan;
  readonly #engine: Engine;
  #state: ActorState = 'starting';
  /** The future of the constructor. Its failure is reported unless a call rejects with it. */
  #setup: Future<any> | undefined;
  #end: Future<any> | undefined;
  #ended: Promise<void> | undefined;
  /** Passes the arguments to a constructor. Undefined if no further constructor can follow. */
  #submit: ((run: TaskRun) => void) | undefined;
  #restarts = 0;
  /** Returns the error for a call of an actor that is gone. */
  #refusal: (() => unknown) | undefined;
  /** Name and thread of the worker, for events. */
  #worker: JobWorker | undefined;
  /** The error that led to the restart. */
  #lost: Error | undefined;

  /**
   * `submit` passes the arguments of the constructor to a run. It is called again for a restart.
   */
  constructor(plan: ActorPlan, submit: (run: TaskRun) => void) {
    this.name = plan.name;
    this.#plan = plan;
    this.#engine = plan.engine;
    this.#submit = submit;
    this.lane = new ActorLane(plan.id, plan.concurrency, this, plan.engine.dispatcher.backlog.lanes.offer);
    this.#lanes.add(this.lane);
  }

  get state(): ActorState {
    return this.#state;
  }

  get isGone(): boolean {
    return this.#state === 'dead' || this.#state === 'ended';
  }

  // ── the constructor ────────────────────────────────────────────────────────────────────────────

  /** Constructs the object, for the first time or again. */
  start(): void {
    const { construct, options } = this.#plan;
    const run = this.#engine.createRun(this.#task(construct, options), this.start);
    this.#setup = run.future;
    if (!run.future.isSettled) run.place = this.lane.setUp(run);
    whenSettled(run.future, this);
    if (!run.future.isSettled) this.#submit?.(run);
  }

  /** Called when a constructor or the end has settled. */
  react(future: Future<any>): void {
    if (future === this.#end) this.#endSettled(future);
    // The constructor before a restart has failed with its worker.
    else if (future !== this.#setup) future._observe();
    else if (this.isGone) return;
    else if (future._state === FULFILLED) this.#constructed(future);
    else this.#constructorFailed(future);
  }

  #constructed(future: Future<any>): void {
    const { lane } = this;
    this.#setup = undefined;
    this.#worker = (lane.worker as JobWorker | undefined)?.identity;
    lane.isDisposable = future._value() === true;
    this.#advance('alive');
    this.#lanes.open(lane);
    this.#engine.dispatcher.schedule();
    if (this.#restarts >= this.#plan.restart) this.#release();
    const { actors } = this.#engine;
    if (this.#lost === undefined) actors.events.started(this.name, this.#worker);
    else actors.events.restarted(this.name, this.#worker, this.#restarts, this.#lost);
    actors.constructed(lane);
  }

  #constructorFailed(future: Future<any>): void {
    const { _result: error } = future;
    this.#gone('dead', () => error);
    if (this.lane.isInFlight) this.#discard();
    else this.#lanes.remove(this.lane);
    this.#engine.actors.events.died(this.name, this.#worker, error);
    this.#rejectWaiting(() => error);
  }

  /** Disposes of an object whose constructor was cancelled or timed out, but may still finish. */
  #discard(): void {
    const { lane } = this;
    this.#lanes.open(lane);
    const { future } = this.#runEnd();
    whenSettled(future, { react: () => this.#lanes.remove(lane) });
  }

  // ── the end of the worker ──────────────────────────────────────────────────────────────────────

  workerEnded(loss: ActorLoss): () => void {
    const { lane } = this;
    if (!this.isGone && !lane.isOpen && lane.setup?.state !== GONE) {
      // No constructor has started, so no state is lost.
      this.#lanes.unassign(lane);
      return () => {};
    }
    const isClosing = this.#isClosing;
    if (!isClosing && this.#mayRestart) return this.#restart(loss.lossError());
    this.#lanes.remove(lane);
    if (this.isGone) return () => this.#rejectWaiting(() => loss.lossError());
    const { events } = this.#engine.actors;
    if (isClosing && (loss.isOrderly || !lane.isDisposable)) {
      this.#gone('ended', () => actorEnded(this.name, this.#worker));
      return () => events.ended(this.name, this.#worker, undefined);
    }
    return this.#die(() => loss.lossError());
  }

  workerCloses(lossError: () => Error): () => void {
    const { lane } = this;
    // The end of an executor waits for no calls. An actor that is gone has none.
    if (this.isGone || this.#isClosing) return () => {};
    if (!lane.isOpen) {
      // A constructor that runs is waited for: the object may leave as soon as it exists.
      if (!lane.isInFlight) this.#lanes.unassign(lane);
      return () => {};
    }
    const mayRestart = this.#mayRestart;
    this.#lanes.leave(lane);
    if (mayRestart) return this.#restart(lossError());
    this.#lanes.remove(lane);
    return this.#die(lossError);
  }

  #restart(lost: Error): () => void {
    this.#restarts++;
    this.#lost = lost;
    this.#setup = undefined;
    this.#advance('starting');
    this.#lanes.unassign(this.lane);
    return () => this.start();
  }

  #die(lossError: () => Error): () => void {
    this.#gone('dead', lossError);
    return () => {
      this.#engine.actors.events.died(this.name, this.#worker, lossError());
      this.#rejectWaiting(lossError);
    };
  }

  get #isClosing(): boolean {
    return this.#engine.life.continuationRefusal() !== undefined;
  }

  /** An actor that has only its end before it is not constructed again. */
  get #mayRestart(): boolean {
    const { unsettled, setup } = this.lane;
    const others = (this.#end === undefined ? 0 : 1) + (setup === undefined ? 0 : 1);
    return !this.isGone && this.#restarts < this.#plan.restart && (this.#end === undefined || unsettled > others);
  }

  /** Rejects the unsent calls, and the end. `errorOf` returns the error of the next one. */
  #rejectWaiting(errorOf: () => unknown): void {
    // If calls reject with the error of the constructor, its future need not report it.
    if (rejectCalls(this.lane, errorOf)) this.#setup?._observe();
    if (this.#end === undefined || this.#end.isSettled) return;
    // If the constructor has failed, there is no object to dispose of.
    if (this.#setup?._state === REJECTED) fulfil(this.#end, undefined);
    else rejectCall(this.#end, errorOf());
  }

  // ── calls and the end ──────────────────────────────────────────────────────────────────────────

  refuse(call: Job): boolean {
    const refusal = this.#end !== undefined && !this.isGone ? actorEnded(this.name, this.#worker) : this.#refusal?.();
    if (refusal === undefined) return false;
    this.#setup?._observe();
    rejectCall((call as TaskRun).future, refusal);
    return true;
  }

  /** Ends the actor after its calls. */
  end(): Promise<void> {
    if (this.#ended !== undefined) return this.#ended;
    if (this.#end === undefined) this.submitEnd();
    this.#ended = this.#end === undefined ? Promise.resolve() : this.#end.then(() => {});
    return this.#ended;
  }

  /**
   * Submits the end of the actor. Returns false if there is nothing to submit, because the actor is
   * gone, is ending, or ends with its executor.
   */
  submitEnd(): boolean {
    if (this.isGone || this.#end !== undefined || this.#isClosing) return false;
    const { future } = this.#runEnd();
    this.#end = future;
    whenSettled(future, this);
    return true;
  }

  #runEnd(): TaskRun {
    const run = this.#engine.createRun(this.#task(this.#plan.dispose, {}), this.end);
    if (run.future.isSettled) return run;
    run.place = this.lane.joinEnd();
    this.lane.push(run);
    run.submit([]);
    return run;
  }

  #endSettled(future: Future<any>): void {
    // The worker has ended before.
    if (this.isGone) return;
    if (future._state === CANCELLED) {
      // shutdown({ cancelPending }) has cancelled the end. The executor ends the actor later.
      this.#end = this.#ended = undefined;
      return;
    }
    const { worker } = this.lane;
    this.#gone('ended', () => actorEnded(this.name, this.#worker));
    this.#lanes.remove(this.lane);
    const error = future._state === REJECTED ? future._result : undefined;
    this.#engine.actors.events.ended(this.name, this.#worker, error);
    if (worker !== undefined) this.#engine.actors.leftWorker(worker);
  }

  // ── its state ──────────────────────────────────────────────────────────────────────────────────

  #gone(state: 'ended' | 'dead', refusal: () => unknown): void {
    this.#advance(state);
    this.#refusal = refusal;
    this.#release();
    this.#engine.actors.delete(this);
  }

  /** Releases the arguments of the constructor. */
  #release(): void {
    this.#submit = undefined;
    this.#plan.release();
  }

  get #lanes(): ActorLanes {
    return this.#engine.dispatcher.backlog.lanes.actors;
  }

  /** All changes of the state happen here. */
  #advance(state: ActorState): void {
    const move = `from "${this.#state}" to "${state}"`;
    if (!mayAdvance(this.#state, state))
      throw new Error(`Actor "${this.name}" can't move ${move}. Report this as a bug in rx-futures.`);
    this.#state = state;
  }

  #task(step: Step, options: TaskOptions): TaskInfo {
    return { engine: this.#engine, steps: [step], name: step.name, options };
  }
}
