/**
 * A step of a chain that is a function on this thread: the engine that `chain(fn)` and `recover(fn)` share. It follows a future,
 * calls the function when its turn comes, and flattens what that gives: a value, a promise, a future or an Observable.
 */
import { isObservable, type Observable } from 'rxjs';
import { follow } from '../future/connect.js';
import { Future } from '../future/future.js';
import type { Origin, Owner } from '../future/origin.js';
import type { Reaction } from '../future/reaction.js';
import { advance, fulfil, reject, whenSettled } from '../future/settle.js';
import { FULFILLED, REJECTED } from '../future/state.js';
import { abandon } from '../future/upstream.js';
import { unmarked } from '../protocol/transfer.js';
import { insideStep } from '../task/step-scope.js';

/** What a step's function may give. */
export type StepResult<R> = R | PromiseLike<R> | Observable<R>;

/** Which ending of the feeder calls the function; with any other the step ends in the same way. */
export type Trigger = typeof FULFILLED | typeof REJECTED;

export class LocalRun implements Origin, Reaction {
  readonly name: string;
  readonly owner: Owner;
  readonly threadId = undefined;
  readonly #trigger: Trigger;
  #fn: ((input: any) => unknown) | undefined;
  #future!: Future<any>;
  #feeder: Future<any> | undefined;
  #hasStarted = false;
  /** Stops what the function has started. */
  #stopInner: ((reason: unknown) => void) | undefined;

  private constructor(feeder: Future<any>, name: string, trigger: Trigger, fn: (input: any) => unknown) {
    this.name = name;
    // It counts as work of the executor whose chain it continues: shutdown waits for it.
    this.owner = feeder._origin.owner;
    this.#trigger = trigger;
    this.#fn = fn;
    this.#feeder = feeder;
  }

  /** The future that follows `feeder`. */
  static attach(feeder: Future<any>, name: string, trigger: Trigger, fn: (input: any) => unknown): Future<any> {
    const run = new LocalRun(feeder, name, trigger, fn);
    const future = new Future<any>(run);
    run.#future = future;
    run.owner.follow?.(future);
    whenSettled(feeder, run);
    return future;
  }

  react(feeder: Future<any>, settled: Future<any>[]): void {
    const future = this.#future;
    feeder._observe();
    this.#feeder = undefined;
    if (future.isSettled) return;
    const state = feeder._state;
    if (state === this.#trigger) {
      if (this.#call(state === FULFILLED ? feeder._value() : feeder._result)) settled.push(future);
    } else if (advance(future, state, state === FULFILLED ? feeder._value() : feeder._result)) {
      settled.push(future);
    }
  }

  /** True when the future has settled by it, which is then to be told. */
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
    // The function may have cancelled its own future.
    if (future.isSettled) return false;
    if (result instanceof Future) return this.#flatten(result);
    if (isThenable(result) || isObservable(result)) {
      this.#stopInner = follow(result, {
        fulfilled: (value) => fulfil(future, unmarked(value)),
        rejected: (reason) => reject(future, reason),
      });
      return false;
    }
    return advance(future, FULFILLED, unmarked(result));
  }

  #flatten(inner: Future<any>): boolean {
    const future = this.#future;
    const reaction: Reaction = {
      react(_inner, settled) {
        inner._observe();
        const result = inner._state === FULFILLED ? inner._value() : inner._result;
        if (advance(future, inner._state, result)) settled.push(future);
      },
    };
    if (inner.isSettled) {
      const settled: Future<any>[] = [];
      reaction.react(inner, settled);
      return settled.length > 0;
    }
    inner._addReaction(reaction);
    this.#stopInner = (reason) => abandon(inner, reaction, reason);
    return false;
  }

  isRunning(): boolean {
    return this.#hasStarted;
  }

  stop(reason: unknown): void {
    this.#stopInner?.(reason);
    if (this.#feeder !== undefined) abandon(this.#feeder, this, reason);
  }

  release(): void {
    this.owner.unfollow?.(this.#future);
    this.#fn = undefined;
    this.#feeder = undefined;
    this.#stopInner = undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
