/**
 * A step of a chain that is a function on this thread: the engine that `chain(fn)` and `recover(fn)` share. It follows a future,
 * calls the function when its turn comes, and adopts what that returns: a value, a promise, a future or an Observable.
 */
import { type Context, call, here } from '../context.js';
import { type Adopted, type Adopter, adopt } from '../future/adopt.js';
import { Future } from '../future/future.js';
import { isFuture } from '../future/is-future.js';
import type { Origin, Owner } from '../future/origin.js';
import type { Reaction } from '../future/reaction.js';
import { advance, whenSettled } from '../future/settle.js';
import { FULFILLED, REJECTED } from '../future/state.js';
import { abandon } from '../future/upstream.js';
import { insideStep } from '../task/step-scope.js';

/** Which ending of the feeder calls the function; with any other the step ends in the same way. */
export type Trigger = typeof FULFILLED | typeof REJECTED;

export class LocalRun implements Origin, Reaction, Adopter {
  readonly name: string;
  readonly owner: Owner;
  readonly threadId = undefined;
  adopted: Adopted | undefined = undefined;
  readonly #trigger: Trigger;
  #fn: ((input: any) => unknown) | undefined;
  #future!: Future<any>;
  #feeder: Future<any> | undefined;
  /** Of the code that added the step; undefined if the step runs while it is being added. */
  #context: Context | undefined;
  #hasStarted = false;

  private constructor(feeder: Future<any>, name: string, trigger: Trigger, fn: (input: any) => unknown) {
    this.name = name;
    // It counts as work of the executor whose chain it continues: shutdown waits for it.
    this.owner = feeder._origin.owner;
    this.#trigger = trigger;
    this.#fn = fn;
    this.#feeder = feeder;
    this.#context = feeder.isSettled ? undefined : here();
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
    const result = state === FULFILLED ? feeder._value() : feeder._result;
    const hasSettled = state === this.#trigger ? this.#callInContext(result) : advance(future, state, result);
    if (hasSettled) settled.push(future);
  }

  #callInContext(input: unknown): boolean {
    const context = this.#context;
    this.#context = undefined;
    return context === undefined ? this.#call(input) : call(context, this.#call, this, input);
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
    return !future.isSettled && adopt(future, result, this);
  }

  /** What the future waits for: the step before, then what the step has returned. */
  get source(): Future<any> | undefined {
    const source = this.adopted?.source;
    return isFuture(source) ? source : this.#feeder;
  }

  isRunning(): boolean {
    return this.#hasStarted;
  }

  stop(reason: unknown): void {
    this.adopted?.stop(reason);
    if (this.#feeder !== undefined) abandon(this.#feeder, this, reason);
  }

  release(): void {
    this.owner.unfollow?.(this.#future);
    this.#fn = undefined;
    this.#feeder = undefined;
    this.#context = undefined;
    this.adopted = undefined;
  }
}
