/** The Future: one result of work that runs elsewhere, as an RxJS Observable that can also be awaited. Main side. */
import { inspect } from 'node:util';
import {
  type InteropObservable,
  Observable,
  type Observer,
  type OperatorFunction,
  Subscriber,
  type Subscription,
} from 'rxjs';
import { CancelledError } from '../errors.js';
import { messageOf } from '../protocol/clone-fault.js';
import { LazyValue } from '../protocol/lazy-value.js';
import { inContext } from '../stream/observable.js';
import { adoptPromise } from './adopt.js';
import { CallbackReaction } from './callback.js';
import { connect } from './connect.js';
import { rejectCycle } from './cycle.js';
import { type FutureOperator, isFutureOperator, pipeFutures } from './future-operator.js';
import { isFuture } from './is-future.js';
import { DetachedOrigin } from './nobody.js';
import type { Origin } from './origin.js';
import type { Outcome } from './outcome.js';
import { outcomeOf, PromiseReaction, resultOf, type WaitOptions } from './promise.js';
import { type Reaction, type Reactions, withoutReaction, withReaction } from './reaction.js';
import { cancel, deliver, reject, whenSettled } from './settle.js';
import { CANCELLED, FULFILLED, type FutureState, isSettled, PENDING, REJECTED, RUNNING, stateName } from './state.js';
import { FutureSubscription, SubscriberReaction } from './subscription.js';
import { unwatch } from './unobserved.js';

let lastId = 0;

/**
 * The result of a task that runs, or will run, somewhere else.
 *
 * Hot: the work goes on whether or not anyone looks. Replayed: whoever comes late gets the result at once. Shared: a
 * subscriber that leaves hurts nobody; only {@link Future.cancel} stops the work.
 *
 * ```ts
 * const receipt = fetchPage('data:,<h1>Tea</h1>').pipe(chain(parse), chain(save)); // Future<string>, the final one
 * receipt.subscribe({ next: (text) => console.log(text), error: console.error });
 * console.log(await receipt);
 * // Output:
 * // saved Tea
 * // saved Tea
 * ```
 *
 * Made by `executor.submit`, a task handle, a {@link Deferred}, a combinator, or `Future.resolve/reject/from`.
 */
export class Future<T> extends Observable<T> implements Promise<T> {
  /** Unique in this process. */
  readonly id: number;
  /** @internal */ _state: number = PENDING;
  /** @internal The value, the reason, or a value that is still encoded. */ _result: unknown = undefined;
  /** @internal */ _reactions: Reactions = null;
  /** @internal */ _isObserved = false;
  /** @internal */ readonly _origin: Origin;

  /** @internal */
  constructor(origin: Origin, id: number = ++lastId) {
    super(subscribeTo as never);
    this.id = id;
    if (typeof origin?.release !== 'function') {
      throw new TypeError(
        'new Future(): futures are made by an Executor, by new Deferred(), or by Future.resolve, Future.reject and Future.from.',
      );
    }
    this._origin = origin;
    origin.owner.began();
  }

  /** Of the task. */
  get name(): string {
    return this._origin.name;
  }

  /** `running` is exact: read from the ledger that the worker writes when it begins. */
  get state(): FutureState {
    return stateName(this._state === PENDING && this._origin.isRunning() ? RUNNING : this._state);
  }

  get isSettled(): boolean {
    return isSettled(this._state);
  }

  /** How it ended; undefined before that. Looking at it counts as taking note of a failure. */
  get outcome(): Outcome<T> | undefined {
    if (!this.isSettled) return undefined;
    this._observe();
    return this._outcome();
  }

  /** The worker thread that ran it, once known. */
  get threadId(): number | undefined {
    return this._origin.threadId;
  }

  /**
   * What the task reports through `currentTask().progress`: the latest is replayed, and it completes with the future.
   *
   * ```ts file: tasks.ts
   * import { setTimeout as sleep } from 'node:timers/promises';
   * import { currentTask } from 'rx-futures/worker';
   *
   * export async function copy(files: number): Promise<string> {
   *   for (let file = 1; file <= files; file++) {
   *     await sleep(100);
   *     currentTask().progress(`${file} of ${files}`);
   *   }
   *   return 'done';
   * }
   * ```
   *
   * ```ts
   * const executor = new Executor<typeof import('./tasks.js')>({ tasks: new URL('./tasks.js', import.meta.url) });
   * const future = executor.tasks.copy(2);
   * future.progress.subscribe((message) => console.log(message));
   * console.log(await future);
   * // Output:
   * // 1 of 2
   * // 2 of 2
   * // done
   * ```
   */
  get progress(): Observable<unknown> {
    return this._origin.progress?.() ?? silentProgress(this);
  }

  /**
   * Calls back once when the future settles, with its {@link Outcome}: on this thread, synchronously at settlement, after
   * those that were added before. On a settled future: now. Added twice, it is called twice.
   *
   * A callback that throws stops no other one; the error goes to the executor's `onCallbackError`. A callback alone
   * does not count as taking note of a failure.
   *
   * ```ts
   * square(3).addDoneCallback(({ status, future }) => console.log(future.name, status));
   * // Output:
   * // square fulfilled
   * ```
   *
   * @returns a function that removes the callback
   */
  addDoneCallback(callback: (outcome: Outcome<T>) => void): () => void {
    if (typeof callback !== 'function') {
      throw new TypeError(
        `addDoneCallback(callback): expected a function that takes an outcome, got ${typeof callback}`,
      );
    }
    const reaction = new CallbackReaction(callback, this.isSettled);
    whenSettled(this, reaction);
    return () => {
      reaction.remove();
      this._removeReaction(reaction);
    };
  }

  /**
   * Cancels the work. The future settles now, as `cancelled`; its callbacks have run when this returns. A task that has not
   * begun never will. One that runs has its `currentTask().signal` aborted with `reason`, and if it still runs after the
   * executor's `terminateAfter` (ms) its worker is ended.
   *
   * What it is chained to is stopped too where nobody else uses it, and so is everything that is chained to it.
   *
   * ```ts
   * const future = nap(60_000);
   * console.log(future.cancel('not needed'), future.state);
   * // Output:
   * // true cancelled
   * ```
   *
   * @returns true if the future is cancelled now, false if it had settled otherwise
   */
  cancel(reason?: unknown): boolean {
    if (this._state === CANCELLED) return true;
    if (this.isSettled) return false;
    return cancel(this, cancelledError(this, reason), reason);
  }

  /**
   * The result as a promise, with an optional limit to the wait. Giving up does not stop the work.
   *
   * ```ts
   * const future = nap(60_000);
   * await future.result({ timeout: 100 }).catch((error) => console.log(error.code, future.isSettled));
   * future.cancel();
   * // Output:
   * // ERR_TIMEOUT false
   * ```
   *
   * @throws TimeoutError (as a rejection) when `timeout` ms have passed
   */
  result(options?: WaitOptions): Promise<T> {
    return resultOf(this, options);
  }

  /**
   * The outcome as a promise. It never rejects for the task's failure; only for `timeout` and `signal`.
   *
   * ```ts
   * const { status } = await fail('odd').settled();
   * console.log(status);
   * // Output:
   * // rejected
   * ```
   */
  settled(options?: WaitOptions): Promise<Outcome<T>> {
    return outcomeOf(this, options);
  }

  // biome-ignore-start format: one overload a line reads best
  override pipe<A>(op1: FutureOperator<T, A>): Future<A>;
  override pipe<A, B>(op1: FutureOperator<T, A>, op2: FutureOperator<A, B>): Future<B>;
  override pipe<A, B, C>(op1: FutureOperator<T, A>, op2: FutureOperator<A, B>, op3: FutureOperator<B, C>): Future<C>;
  override pipe<A, B, C, D>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
  ): Future<D>;
  override pipe<A, B, C, D, E>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
  ): Future<E>;
  override pipe<A, B, C, D, E, F>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
    op6: FutureOperator<E, F>,
  ): Future<F>;
  override pipe<A, B, C, D, E, F, G>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
    op6: FutureOperator<E, F>,
    op7: FutureOperator<F, G>,
  ): Future<G>;
  override pipe<A, B, C, D, E, F, G, H>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
    op6: FutureOperator<E, F>,
    op7: FutureOperator<F, G>,
    op8: FutureOperator<G, H>,
  ): Future<H>;
  override pipe<A, B, C, D, E, F, G, H, I>(
    op1: FutureOperator<T, A>,
    op2: FutureOperator<A, B>,
    op3: FutureOperator<B, C>,
    op4: FutureOperator<C, D>,
    op5: FutureOperator<D, E>,
    op6: FutureOperator<E, F>,
    op7: FutureOperator<F, G>,
    op8: FutureOperator<G, H>,
    op9: FutureOperator<H, I>,
  ): Future<I>;
  override pipe(): this;
  override pipe<A>(op1: OperatorFunction<T, A>): Observable<A>;
  override pipe<A, B>(op1: OperatorFunction<T, A>, op2: OperatorFunction<A, B>): Observable<B>;
  override pipe<A, B, C>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
  ): Observable<C>;
  override pipe<A, B, C, D>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
  ): Observable<D>;
  override pipe<A, B, C, D, E>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
  ): Observable<E>;
  override pipe<A, B, C, D, E, F>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: OperatorFunction<E, F>,
  ): Observable<F>;
  override pipe<A, B, C, D, E, F, G>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: OperatorFunction<E, F>,
    op7: OperatorFunction<F, G>,
  ): Observable<G>;
  override pipe<A, B, C, D, E, F, G, H>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: OperatorFunction<E, F>,
    op7: OperatorFunction<F, G>,
    op8: OperatorFunction<G, H>,
  ): Observable<H>;
  override pipe<A, B, C, D, E, F, G, H, I>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: OperatorFunction<E, F>,
    op7: OperatorFunction<F, G>,
    op8: OperatorFunction<G, H>,
    op9: OperatorFunction<H, I>,
  ): Observable<I>;
  override pipe<A, B, C, D, E, F, G, H, I>(
    op1: OperatorFunction<T, A>,
    op2: OperatorFunction<A, B>,
    op3: OperatorFunction<B, C>,
    op4: OperatorFunction<C, D>,
    op5: OperatorFunction<D, E>,
    op6: OperatorFunction<E, F>,
    op7: OperatorFunction<F, G>,
    op8: OperatorFunction<G, H>,
    op9: OperatorFunction<H, I>,
    ...operations: OperatorFunction<any, any>[]
  ): Observable<unknown>;
  // biome-ignore-end format: one overload a line reads best
  /**
   * With operators of this library alone (`chain`, `recover`): a Future, of the last step's result. With any other operator among
   * them: an Observable, as in RxJS.
   */
  override pipe(...operators: OperatorFunction<any, any>[]): any {
    if (operators.every(isFutureOperator)) return pipeFutures(this, operators as FutureOperator<any, any>[]);
    return (super.pipe as (...operators: OperatorFunction<any, any>[]) => Observable<any>).apply(this, operators);
  }

  override subscribe(observerOrNext?: Partial<Observer<T>> | ((value: T) => void)): Subscription;
  /** @deprecated as in RxJS: pass an observer instead of separate callbacks */
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: any) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
  /** Gets the value and completes, or gets the reason as an error; now, where the future has settled. Leaving cancels nothing. */
  override subscribe(
    observer?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: any) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (observer instanceof Subscriber || isForeignSubscriber(observer))
      return super.subscribe(observer as Observer<T>);
    const isSplit = error != null || complete != null;
    const whole = isSplit
      ? { next: observer as never, error: error ?? undefined, complete: complete ?? undefined }
      : observer;
    const subscription = new FutureSubscription(this, whole as Partial<Observer<T>>);
    whenSettled(this, subscription);
    return subscription;
  }

  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const source = this._origin.adopted?.source;
    if (source instanceof Promise) rejectCycle(this, source, Future.prototype.then, onFulfilled);
    return new Promise<T>((resolve, reject) => whenSettled(this, new PromiseReaction(resolve, reject))).then(
      onFulfilled,
      onRejected,
    );
  }

  catch<B = never>(onRejected?: ((reason: any) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(null, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  get [Symbol.toStringTag](): string {
    return 'Future';
  }

  /** `Future { parse #12, running }`: never the value, which may be large. */
  override toString(): string {
    // A prototype or a copy, as debuggers and deep-clone functions make them, has no origin.
    if (!this._origin?.owner) return 'Future {}';
    return `Future { ${this.name} #${this.id}, ${this.state} }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** What can be said of it as JSON: never the value. */
  toJSON(): { id: number; name: string; state: FutureState } {
    return { id: this.id, name: this.name, state: this.state };
  }

  /** A future that is fulfilled already. As with `Promise.resolve`, a Future is returned as it is, and a promise is adopted. */
  static resolve<T>(value: Future<T> | PromiseLike<T> | T): Future<T>;
  static resolve(): Future<void>;
  static resolve(value?: unknown): Future<unknown> {
    if (isFuture(value)) return value;
    const origin = new DetachedOrigin('Future.resolve');
    const future = new Future<unknown>(origin);
    if (adoptPromise(future, value, origin)) deliver(future);
    return future;
  }

  /** A future that is rejected already. */
  static reject<T = never>(reason?: unknown): Future<T> {
    const future = new Future<T>(new DetachedOrigin('Future.reject'));
    reject(future, reason);
    return future;
  }

  /**
   * A future of a promise's value, or of an Observable's last one. Cancelling it unsubscribes from the Observable; a promise can't
   * be stopped. A Future is returned as it is.
   *
   * An Observable without a value rejects it with RxJS's EmptyError.
   *
   * ```ts
   * import { of } from 'rxjs';
   *
   * console.log(await Future.from(of(1, 2, 3)));
   * // Output:
   * // 3
   * ```
   *
   * @throws TypeError for anything else
   */
  static from<T>(source: Future<T> | PromiseLike<T> | Observable<T> | InteropObservable<T>): Future<T> {
    if (isFuture(source)) return source;
    return connect(source, (origin) => new Future<T>(origin));
  }

  // ── for the rest of the library ───────────────────────────────────────────────────────────────────────────────────

  /** @internal Where it is fulfilled. */
  _value(): T {
    if (this._result instanceof LazyValue) this._result = this._result.decode();
    return this._result as T;
  }

  /** @internal The outcome, without taking note of a failure. */
  _outcome(): Outcome<T> {
    if (this._state === FULFILLED) return { status: 'fulfilled', value: this._value(), future: this };
    if (this._state === CANCELLED) return { status: 'cancelled', reason: this._result as CancelledError, future: this };
    return { status: 'rejected', reason: this._result, future: this };
  }

  /** @internal Somebody takes note of how it ends. */
  _observe(): void {
    if (this._isObserved) return;
    this._isObserved = true;
    if (this._state === REJECTED) unwatch(this);
  }

  /** @internal Where it is not settled. */
  _addReaction(reaction: Reaction): void {
    this._reactions = withReaction(this._reactions, reaction);
  }

  /** @internal */
  _removeReaction(reaction: Reaction): void {
    this._reactions = withoutReaction(this._reactions, reaction);
  }
}

/** One function for all futures: RxJS calls it as a method of the future, with a Subscriber of its own. */
function subscribeTo(this: Future<unknown>, subscriber: Subscriber<unknown>): SubscriberReaction<unknown> {
  const reaction = new SubscriberReaction(this, subscriber);
  whenSettled(this, reaction);
  return reaction;
}

/** Of work that reports none: it completes with the future, and that is all. */
function silentProgress(future: Future<unknown>): Observable<unknown> {
  return inContext(
    new Observable((subscriber) => {
      const reaction: Reaction = { react: () => subscriber.complete() };
      whenSettled(future, reaction);
      return () => future._removeReaction(reaction);
    }),
  );
}

function cancelledError(future: Future<unknown>, reason: unknown): CancelledError {
  if (reason instanceof CancelledError) return reason;
  const why = reason === undefined ? '' : `: ${textOf(reason)}`;
  const message = `${future.name} (#${future.id}) was cancelled${why}`;
  return new CancelledError(message, reason === undefined ? undefined : { cause: reason });
}

/** Of a reason to cancel, which may be anything: a getter or an inspect method of it may throw. */
function textOf(reason: unknown): string {
  if (reason instanceof Error || typeof reason === 'string') return messageOf(reason);
  try {
    return inspect(reason, { depth: 0 });
  } catch {
    return messageOf(reason);
  }
}

/** A Subscriber of another copy of RxJS. */
function isForeignSubscriber(observer: unknown): boolean {
  const candidate = observer as { closed?: unknown; add?: unknown; remove?: unknown } | null | undefined;
  return (
    typeof candidate === 'object' && typeof candidate?.add === 'function' && typeof candidate.remove === 'function'
  );
}
