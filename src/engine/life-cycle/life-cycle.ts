/**
 * The life of an executor, from the first task to the last worker.
 *
 *     open ──shutdown──► draining ──nothing pending──► closed
 *       │                    │
 *       ├──terminate─────────┴──────────────────────► closed
 *       └──no worker starts─► broken
 */
import { type BrokenExecutorError, ExecutorShutdownError } from '../../errors.js';
import type { Future } from '../../future/future.js';
import { reject } from '../../future/settle.js';
import type { Workforce } from '../../scheduling/workforce.js';
import type { PendingWork } from './pending-work.js';
import { Readiness } from './readiness.js';
import { isInsideStep } from './step-scope.js';

export type ExecutorState = 'open' | 'draining' | 'closed' | 'broken';

/** Whose life it is. */
export interface LifeCycleHost {
  readonly name: string;
  readonly minWorkers: number;
  readonly workforce: Workforce;
  readonly pending: PendingWork;
  /** Every future that it answers for. */
  unsettled(): Future<any>[];
  /** What it has yet to tell the other end of a queue stays untold. */
  dropOrders(): void;
  /** Its last worker has ended. */
  closed(): void;
}

export class LifeCycle {
  readonly #living: LifeCycleHost;
  readonly #readiness = new Readiness();
  #state: ExecutorState = 'open';
  #broken: BrokenExecutorError | undefined;
  #closing: Promise<void> | undefined;

  constructor(living: LifeCycleHost) {
    this.#living = living;
  }

  get state(): ExecutorState {
    return this.#state;
  }

  /** Why a submit made now is refused. */
  refusal(): Error | undefined {
    const { name } = this.#living;
    switch (this.#state) {
      case 'open':
        return undefined;
      case 'draining':
        if (isInsideStep()) return undefined;
        return new ExecutorShutdownError(
          `The executor ${name} is shutting down: it finishes what it has and takes nothing new. Submit before shutdown().`,
        );
      case 'closed':
        return new ExecutorShutdownError(
          `The executor ${name} is closed: it takes no more tasks. Submit before shutdown(), or make a new Executor.`,
        );
      case 'broken':
        return this.#broken;
      default:
        return this.#state satisfies never;
    }
  }

  /** Why a run that was accepted can't go on: it comes back after a retry's delay, or when what it waits for is there. */
  ending(): Error | undefined {
    return this.#state === 'closed' || this.#state === 'broken' ? this.refusal() : undefined;
  }

  /** Resolves when at least one worker, and `minWorkers` of them, are up. */
  async ready(): Promise<void> {
    const refusal = this.#state === 'draining' ? undefined : this.refusal();
    if (refusal !== undefined) throw refusal;
    const { minWorkers, workforce, pending } = this.#living;
    const count = Math.max(1, minWorkers);
    workforce.ensure(count);
    if (workforce.serving.length >= count) return;
    // A listener of `worker-spawned` may have called terminate(), or the last start that could be tried has failed.
    const ending = this.ending();
    if (ending !== undefined) throw ending;
    pending.hold();
    try {
      await this.#readiness.wait(count);
    } finally {
      pending.letGo();
    }
  }

  /** So many workers serve now. */
  reached(count: number): void {
    this.#readiness.reached(count);
  }

  /** So many as `ready()` waits for will not serve soon. */
  incomplete(error: BrokenExecutorError): void {
    this.#readiness.fail(error);
  }

  /** Settles a future that was accepted and can't run any more, as the others were when the executor came to its end. */
  end(future: Future<any>): void {
    if (this.#state === 'broken') reject(future, this.#broken);
    else future.cancel(this.#terminated);
  }

  /** Advances to `draining`, then to `closed`. */
  shutdown(cancelPending: boolean): Promise<void> {
    if (cancelPending) this.#cancelUnstarted();
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #drain(): Promise<void> {
    if (this.#state === 'open') this.#state = 'draining';
    await this.#living.pending.idle();
    await this.#close('leave');
  }

  /** Advances to `closed`, at once. */
  async terminate(): Promise<void> {
    const { workforce, pending } = this.#living;
    if (this.#state !== 'closed') {
      if (this.#state !== 'broken') this.#state = 'closed';
      const killed = workforce.close('kill');
      for (const future of this.#living.unsettled()) future.cancel(this.#terminated);
      this.#living.dropOrders();
      pending.hold();
      await killed;
      pending.letGo();
    }
    this.#closing ??= this.#close('kill');
    await this.#closing;
  }

  /** Advances to `broken`: nothing that is pending can ever run. */
  broke(error: BrokenExecutorError): void {
    if (this.#state === 'closed' || this.#state === 'broken') return;
    this.#state = 'broken';
    this.#broken = error;
    void this.#living.workforce.close('kill');
    for (const future of this.#living.unsettled()) reject(future, error);
    this.#living.dropOrders();
    this.#readiness.fail(error);
  }

  get #terminated(): ExecutorShutdownError {
    return new ExecutorShutdownError(`The executor ${this.#living.name} was terminated.`);
  }

  async #close(how: 'leave' | 'kill'): Promise<void> {
    if (this.#state !== 'broken') this.#state = 'closed';
    const { workforce, pending } = this.#living;
    pending.hold();
    await workforce.close(how);
    pending.letGo();
    this.#readiness.fail(this.refusal());
    this.#living.closed();
  }

  #cancelUnstarted(): void {
    const reason = 'shutdown({ cancelPending: true })';
    for (const future of this.#living.unsettled()) future._producer.cancelPending?.(reason);
    const futures = this.#living.unsettled();
    // What has begun comes to its end, even where nobody is left to use it: to it that looks like somebody who waits.
    const begun = futures.filter((future) => future.state === 'running');
    const bystander = { react: () => {} };
    for (const future of begun) future._addReaction(bystander);
    for (const future of futures) if (future.state === 'pending') future.cancel(reason);
    for (const future of begun) future._removeReaction(bystander);
  }
}
