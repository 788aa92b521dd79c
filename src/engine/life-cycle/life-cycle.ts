/**
 * The life cycle of an executor, from the first task to the last worker.
 *
 *     open ──shutdown()──► draining
 *     open, draining ──nothing pending, or terminate()──► closed
 *     open, draining ──no worker starts──► broken
 *
 * A closed or broken executor stays so. executor-state.ts has the table of the moves.
 */
import { TimeLimits } from '#platform/timers';
import { type BrokenExecutorError, ExecutorShutdownError, TimeoutError } from '../../errors.js';
import type { Future } from '../../future/future.js';
import { reject } from '../../future/settle.js';
import { phaseOf } from '../../future/state.js';
import type { Dispatcher } from '../../scheduling/dispatcher.js';
import type { CloseMode } from '../../scheduling/workforce/workforce.js';
import { type ExecutorState, isFinal, mayAdvance } from './executor-state.js';
import type { PendingWork } from './pending-work.js';
import { Readiness } from './readiness.js';
import { isInsideStep } from './step-scope.js';

/** The part of an engine that its life cycle uses. */
export interface LifeCycleHost {
  readonly name: string;
  readonly minWorkers: number;
  readonly dispatcher: Dispatcher;
  readonly pending: PendingWork;
  /** Returns every future of the executor that has not settled. */
  unsettled(): Future<any>[];
  /** Submits the end of each actor. Returns false if there is none to submit. */
  endActors(): boolean;
  /** Called when the last worker has ended. */
  closed(): void;
}

export class LifeCycle {
  readonly #host: LifeCycleHost;
  readonly #readiness = new Readiness();
  #state: ExecutorState = 'open';
  #broken: BrokenExecutorError | undefined;
  #closing: Promise<void> | undefined;
  #isEnding = false;
  /** True when the last worker has ended. */
  #hasEnded = false;
  /** The limits of shutdown({ timeout }). */
  readonly #limits = new TimeLimits();

  constructor(host: LifeCycleHost) {
    this.#host = host;
  }

  get state(): ExecutorState {
    return this.#state;
  }

  /** Returns the error for a submit at this moment; undefined if the executor accepts it. */
  refusal(): Error | undefined {
    const { name } = this.#host;
    switch (this.#state) {
      case 'open':
        return undefined;
      case 'draining':
        if (isInsideStep()) return undefined;
        return new ExecutorShutdownError(
          `Executor "${name}" is shutting down and accepts no new tasks. Submit before shutdown().`,
        );
      case 'closed':
        return new ExecutorShutdownError(
          `Executor "${name}" is closed and accepts no new tasks. Submit before shutdown(), or create a new Executor.`,
        );
      case 'broken':
        return this.#broken;
      default:
        return this.#state satisfies never;
    }
  }

  /**
   * Returns the error for a run that was accepted and can't continue; undefined if it can. Such a
   * run continues after the delay of a retry, or when its input has arrived.
   */
  continuationRefusal(): Error | undefined {
    return isFinal(this.#state) ? this.refusal() : undefined;
  }

  /** Resolves when at least one worker and at least `minWorkers` workers are ready. */
  async ready(): Promise<void> {
    const refusal = this.#state === 'draining' ? undefined : this.refusal();
    if (refusal !== undefined) throw refusal;
    const { minWorkers, pending } = this.#host;
    const { workforce } = this.#host.dispatcher;
    const count = Math.max(1, minWorkers);
    workforce.ensure(count);
    if (workforce.receiving.length >= count) return;
    // A listener of `worker-spawned` may have called terminate(), or the last possible start may
    // have failed.
    const refused = this.continuationRefusal();
    if (refused !== undefined) throw refused;
    pending.hold();
    try {
      await this.#readiness.wait(count);
    } finally {
      pending.letGo();
    }
  }

  /** Called when the number of ready workers has changed to `count`. */
  reached(count: number): void {
    this.#readiness.reached(count);
  }

  /** Called when the number of workers that `ready()` waits for will not be reached soon. */
  incomplete(error: BrokenExecutorError): void {
    this.#readiness.fail(error);
  }

  /**
   * Settles a future that was accepted and can't run any more. It settles like the futures that
   * were pending when the executor closed or broke.
   */
  settleUnrunnable(future: Future<any>): void {
    if (this.#state === 'broken') reject(future, this.#broken);
    else future.cancel(this.#terminated);
  }

  /** Lets no further task start. Has no effect during a shutdown, which would hang. */
  pause(): void {
    if (this.#state === 'open') this.#host.dispatcher.pause();
  }

  resume(): void {
    this.#host.dispatcher.resume();
  }

  /**
   * Resumes a paused executor. Advances to `draining`, then to `closed`. After `timeout` ms it
   * terminates what is left. With several calls, the earliest time counts.
   */
  shutdown(cancelPending: boolean, timeout = Number.POSITIVE_INFINITY): Promise<void> {
    this.resume();
    if (cancelPending) this.#cancelUnstarted();
    this.#closing ??= this.#drain();
    this.#limits.add(timeout, () => void this.cutOff(timeout));
    return this.#closing;
  }

  /**
   * Ends what is left `timeout` ms after the start of a shutdown: futures, workers, and finalizers
   * that have not ended.
   */
  cutOff(timeout: number): Promise<void> {
    return this.#endAll(
      'cutOff',
      (future) =>
        new TimeoutError(
          `Executor "${this.#host.name}" did not shut down within ${timeout} ms. Increase the timeout of shutdown(), or limit the time of its tasks.`,
          { phase: phaseOf(future) },
        ),
    );
  }

  /** Advances to `draining`, and to `closed` when nothing is pending. */
  async #drain(): Promise<void> {
    this.#advance('draining');
    const { pending } = this.#host;
    await pending.idle();
    while (this.#state === 'draining' && this.#host.endActors()) await pending.idle();
    await this.#close('leave');
  }

  /** Advances to `closed` at once. */
  terminate(): Promise<void> {
    return this.#endAll('terminate', () => this.#terminated);
  }

  /**
   * Cancels all futures, each for its own reason, and ends the workers. Advances to `closed`. A
   * cut-off also ends workers whose finalizers run because of an earlier call.
   */
  async #endAll(how: 'terminate' | 'cutOff', reasonOf: (future: Future<any>) => Error): Promise<void> {
    const { dispatcher, pending } = this.#host;
    if (!this.#isEnding && !this.#hasEnded) {
      this.#isEnding = true;
      this.#advance('closed');
      const ended = dispatcher.close(how);
      for (const future of this.#host.unsettled()) future.cancel(reasonOf(future));
      pending.hold();
      await ended;
      pending.letGo();
    } else if (how === 'cutOff') {
      void dispatcher.close(how);
    }
    this.#closing ??= this.#close(how);
    await this.#closing;
  }

  /** Advances to `broken`. No pending task can ever run. */
  broke(error: BrokenExecutorError): void {
    if (!this.#advance('broken')) return;
    this.#broken = error;
    void this.#host.dispatcher.close('terminate');
    for (const future of this.#host.unsettled()) reject(future, error);
    this.#readiness.fail(error);
  }

  /**
   * All changes of the state happen here. Returns false if the table has no such move: the executor
   * has already closed or broken, or is draining already.
   */
  #advance(state: ExecutorState): boolean {
    if (!mayAdvance(this.#state, state)) return false;
    this.#state = state;
    return true;
  }

  get #terminated(): ExecutorShutdownError {
    return new ExecutorShutdownError(
      `Executor "${this.#host.name}" was terminated. Call shutdown() instead to let pending tasks finish.`,
    );
  }

  /** Advances to `closed`, and resolves when the last worker has ended. */
  async #close(how: CloseMode): Promise<void> {
    this.#advance('closed');
    const { dispatcher, pending } = this.#host;
    pending.hold();
    await dispatcher.close(how);
    pending.letGo();
    this.#hasEnded = true;
    this.#limits.stop();
    this.#readiness.fail(this.refusal());
    this.#host.closed();
  }

  #cancelUnstarted(): void {
    const reason = 'shutdown({ cancelPending: true })';
    for (const future of this.#host.unsettled()) future._producer.cancelPending?.(reason);
    const futures = this.#host.unsettled();
    // Running tasks finish, even if the futures that use them are cancelled here. A temporary
    // reaction on each running future keeps it from being abandoned.
    const started = futures.filter((future) => future.state === 'running');
    const bystander = { react: () => {} };
    for (const future of started) future._addReaction(bystander);
    for (const future of futures) if (future.state === 'pending') future.cancel(reason);
    for (const future of started) future._removeReaction(bystander);
  }
}
