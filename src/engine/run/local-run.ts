/**
 * A chain step that is a function on this thread. `chain(fn)` and `recover(fn)` share this class. A
 * LocalRun waits for the upstream future, calls the function, and adopts the result: a value, a
 * promise, a future or an Observable.
 */

import { type Context, call, here } from '#platform/context';
import { type Adopted, type Adopter, adopt } from '../../future/adopt.js';
import { Future } from '../../future/future.js';
import { isFuture } from '../../future/is-future.js';
import type { Owner, Producer } from '../../future/producer.js';
import type { Reaction } from '../../future/reaction.js';
import { advance, whenSettled } from '../../future/settle.js';
import { FULFILLED, REJECTED } from '../../future/state.js';
import { abandon } from '../../future/upstream.js';
import { insideStep } from '../life-cycle/step-scope.js';

/**
 * The upstream outcome for which the function is called. After any other outcome the step's future
 * ends in the same way as the upstream.
 */
export type Trigger = typeof FULFILLED | typeof REJECTED;

export class LocalRun implements Producer, Reaction, Adopter {
  readonly name: string;
  readonly owner: Owner;
  readonly threadId = undefined;
  adopted: Adopted | undefined = undefined;
  readonly #trigger: Trigger;
  #fn: ((input: any) => unknown) | undefined;
  #future!: Future<any>;
  #upstream: Future<any> | undefined;
  /**
   * The async context of the code that added the step. It is undefined if the step runs while it is
   * being added.
   */
  #context: Context | undefined;
  #hasStarted = false;

  private constructor(upstream: Future<any>, name: string, trigger: Trigger, fn: (input: any) => unknown) {
    this.name = name;
    // The step counts as work of the executor whose chain it continues, so shutdown waits for it.
    this.owner = upstream._producer.owner;
    this.#trigger = trigger;
    this.#fn = fn;
    this.#upstream = upstream;
    this.#context = upstream.isSettled ? undefined : here();
  }

  /** Adds a step to `upstream`, and returns the future of what `fn` returns. */
  static attach(upstream: Future<any>, name: string, trigger: Trigger, fn: (input: any) => unknown): Future<any> {
    const run = new LocalRun(upstream, name, trigger, fn);
    const future = new Future<any>(run);
    run.#future = future;
    run.owner.follow?.(future);
    whenSettled(upstream, run);
    return future;
  }

  react(upstream: Future<any>, settled: Future<any>[]): void {
    const future = this.#future;
    upstream._observe();
    this.#upstream = undefined;
    if (future.isSettled) return;
    const state = upstream._state;
    const result = state === FULFILLED ? upstream._value() : upstream._result;
    const hasSettled = state === this.#trigger ? this.#callInContext(result) : advance(future, state, result);
    if (hasSettled) settled.push(future);
  }

  #callInContext(input: unknown): boolean {
    const context = this.#context;
    this.#context = undefined;
    return context === undefined ? this.#call(input) : call(context, this.#call, this, input);
  }

  /**
   * Returns true if the call settled the future. The caller must then notify the future's
   * reactions.
   */
  #call(input: unknown): boolean {
    const future = this.#future;
    const fn = this.#fn!;
    this.#hasStarted = true;
    let result: unknown;
    try {
      result = insideStep(() => fn(input));
    } catch (error) {
      return advance(future, REJECTED, error);
    }
    // The function may have cancelled the future of its own step.
    return !future.isSettled && adopt(future, result, this);
  }

  /**
   * The future that this one waits for: first the upstream, then the future that the function
   * returned.
   */
  get source(): Future<any> | undefined {
    const source = this.adopted?.source;
    return isFuture(source) ? source : this.#upstream;
  }

  isRunning(): boolean {
    return this.#hasStarted;
  }

  stop(reason: unknown): void {
    this.adopted?.stop(reason);
    if (this.#upstream !== undefined) abandon(this.#upstream, this, reason);
  }

  release(): void {
    this.owner.unfollow?.(this.#future);
    this.#fn = undefined;
    this.#upstream = undefined;
    this.#context = undefined;
    this.adopted = undefined;
  }
}
