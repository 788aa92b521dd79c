/**
 * The Future: the result of work that runs elsewhere, as an RxJS Observable that can also be
 * awaited. Main thread. The file is long because the TSDoc of the class is the reference of its
 * methods.
 */
import { type InteropObservable, Observable, type Observer, Subscriber, type Subscription } from 'rxjs';
import type { CancelledError } from '../errors.js';
import { LazyValue } from '../protocol/lazy-value.js';
import { inContext } from '../stream/observable.js';
import { adoptPromise } from './adopt.js';
import { CallbackReaction } from './callback.js';
import { cancelledError } from './cancelled-error.js';
import { connect } from './connect.js';
import { rejectCycle } from './cycle.js';
import { DetachedProducer } from './detached.js';
import { isFuture } from './is-future.js';
import type { Outcome } from './outcome.js';
import { type FuturePipe, pipe } from './pipe.js';
import type { Producer } from './producer.js';
import { outcomeOf, PromiseReaction, resultOf, type WaitOptions } from './promise.js';
import { type Reaction, type Reactions, withoutReaction, withReaction } from './reaction.js';
import { cancel, deliver, reject, whenSettled } from './settle.js';
import { CANCELLED, FULFILLED, type FutureState, isSettled, PENDING, REJECTED, RUNNING, stateName } from './state.js';
import { FutureSubscription, SubscriberReaction } from './subscription.js';
import { unwatch } from './unobserved.js';

let lastId = 0;

/**
 * The result of a task that runs, or will run, on a worker.
 *
 * - Hot: the task runs whether or not the future has subscribers.
 * - Replayed: a late subscriber receives the result at once.
 * - Shared: unsubscribing does not affect other subscribers. Only {@link Future.cancel} stops the
 *   task.
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
 * Futures are created by `executor.submit`, a task handle, a {@link Deferred}, a combinator, or
 * `Future.resolve`, `Future.reject` and `Future.from`.
 */
export class Future<T> extends Observable<T> implements Promise<T> {
  /**
   * The id of the future, unique in this process. On a queue, every client can find the task by it.
   */
  readonly id: number;
  /** @internal */ _state: number = PENDING;
  /** @internal The value, the reason, or a value that is still encoded. */ _result: unknown = undefined;
  /** @internal */ _reactions: Reactions = null;
  /** @internal */ _isObserved = false;
  /** @internal */ readonly _producer: Producer;

  /** @internal */
  constructor(producer: Producer, id: number = ++lastId) {
    super();
    this.id = id;
    if (typeof producer?.release !== 'function') {
      throw new TypeError(
        'new Future(): the constructor is internal. Use executor.submit(), new Deferred(), Future.resolve(), Future.reject() or Future.from().',
      );
    }
    this._producer = producer;
    producer.owner.added();
  }

  /** The name of the task. */
  get name(): string {
    return this._producer.name;
  }

  /**
   * The current state. `running` is exact: it is read from the ledger, where the worker records the
   * start of the task.
   */
  get state(): FutureState {
    return stateName(this._state === PENDING && this._producer.isRunning() ? RUNNING : this._state);
  }

  /** True if the future is fulfilled, rejected or cancelled. It then never changes again. */
  get isSettled(): boolean {
    return isSettled(this._state);
  }

  /**
   * The outcome, or undefined if the future has not settled. Reading the outcome of a rejected
   * future counts as observing the failure.
   */
  get outcome(): Outcome<T> | undefined {
    if (!this.isSettled) return undefined;
    this._observe();
    return this._outcome();
  }

  /**
   * The id of the worker thread that ran the task (of a child process: its pid). Undefined until it
   * is known.
   */
  get threadId(): number | undefined {
    return this._producer.threadId;
  }

  /**
   * The values that the task reports with `currentTask().progress`. The latest value is replayed to
   * late subscribers. The Observable completes when the future settles.
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
    return this._producer.progress?.() ?? silentProgress(this);
  }

  /**
   * Calls `callback` once with the {@link Outcome} when the future settles. The call is made on
   * this thread, synchronously at settlement, after callbacks that were added before. If the future
   * has settled, the call is made now. A callback that was added twice is called twice.
   *
   * An error that a callback throws does not stop other callbacks. It is passed to the executor's
   * `onCallbackError`. A callback does not count as observing a failure.
   *
   * ```ts
   * square(3).addDoneCallback(({ status, future }) => console.log(future.name, status));
   * // Output:
   * // square fulfilled
   * ```
   *
   * @returns a function that removes the callback
   * @throws TypeError if the callback is not a function
   */
  addDoneCallback(callback: (outcome: Outcome<T>) => void): () => void {
    if (typeof callback !== 'function') {
      throw new TypeError(
        `addDoneCallback(callback): expected a function that receives an outcome, got ${typeof callback}. Pass a function such as (outcome) => {}.`,
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
   * Cancels the task. The future settles at once as `cancelled`, and its callbacks have run when
   * the call returns.
   *
   * A task that has not started never starts. For a running task, `currentTask().signal` aborts
   * with `reason`, and `currentTask().isCancelled` is true. If the task is still running after
   * `terminateAfter` (ms), its worker is terminated.
   *
   * An upstream future is cancelled too if nothing else uses it. All futures that are chained to
   * this one are cancelled.
   *
   * ```ts
   * const future = nap(60_000);
   * console.log(future.cancel('not needed'), future.state);
   * // Output:
   * // true cancelled
   * ```
   *
   * @returns true if the future is now cancelled; false if it had been fulfilled or rejected
   */
  cancel(reason?: unknown): boolean {
    if (this._state === CANCELLED) return true;
    if (this.isSettled) return false;
    return cancel(this, cancelledError(this, reason), reason);
  }

  /**
   * Returns the result as a promise. `timeout` (ms) and `signal` limit the wait. If the limit is
   * reached, the task continues.
   *
   * ```ts
   * const future = nap(60_000);
   * await future.result({ timeout: 100 }).catch((error) => console.log(error.code, future.isSettled));
   * future.cancel();
   * // Output:
   * // ERR_TIMEOUT false
   * ```
   *
   * @throws TimeoutError (as a rejection) if the future has not settled after `timeout` ms
   * @throws the reason of `signal` (as a rejection) if the signal aborts before the future settles
   * @throws TypeError if an option is unknown or has the wrong type
   * @throws RangeError if `timeout` is out of range
   */
  result(options?: WaitOptions): Promise<T> {
    return resultOf(this, options);
  }

  /**
   * Returns the outcome as a promise. The promise never rejects because the task failed, only
   * because of `timeout` or `signal`.
   *
   * ```ts
   * const { status } = await fail('odd').settled();
   * console.log(status);
   * // Output:
   * // rejected
   * ```
   *
   * @throws TimeoutError (as a rejection) if the future has not settled after `timeout` ms
   * @throws the reason of `signal` (as a rejection) if the signal aborts before the future settles
   * @throws TypeError if an option is unknown or has the wrong type
   * @throws RangeError if `timeout` is out of range
   */
  settled(options?: WaitOptions): Promise<Outcome<T>> {
    return outcomeOf(this, options);
  }

  /**
   * Applies operators. With operators of this library only (`chain`, `recover`), returns a Future
   * of the last step's result. With any other operator, returns an Observable, as in RxJS.
   *
   * ```ts
   * const title = fetchPage('data:,<h1>Tea</h1>').pipe(chain(parse), chain((page) => page.title));
   * console.log(await title); // title is a Future<string>
   * // Output:
   * // Tea
   * ```
   */
  declare readonly pipe: FuturePipe<T, this> & Observable<T>['pipe'];

  static {
    // `pipe` is declared as a property, because a method would have to repeat the overloads. Like a
    // method, the function is on the prototype.
    Object.defineProperty(Future.prototype, 'pipe', { value: pipe, configurable: true, writable: true });
  }

  /**
   * Subscribes to the result. The observer receives the value and `complete`, or the reason as an
   * `error`. If the future has settled, it receives them now. Unsubscribing never cancels the task.
   */
  override subscribe(observerOrNext?: Partial<Observer<T>> | ((value: T) => void)): Subscription;
  /**
   * Subscribes with separate callbacks.
   *
   * @deprecated as in RxJS: pass an observer instead of separate callbacks
   */
  override subscribe(
    next?: ((value: T) => void) | null,
    error?: ((error: any) => void) | null,
    complete?: (() => void) | null,
  ): Subscription;
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

  /**
   * Calls `onFulfilled` with the value or `onRejected` with the reason, after all callbacks and
   * subscribers. `await` calls it. The promise that it returns has no `cancel()`.
   *
   * @see `chain` for a step whose result is a future
   */
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const source = this._producer.adopted?.source;
    if (source instanceof Promise) rejectCycle(this, source, Future.prototype.then, onFulfilled);
    return new Promise<T>((resolve, reject) => whenSettled(this, new PromiseReaction(resolve, reject))).then(
      onFulfilled,
      onRejected,
    );
  }

  /** Calls `onRejected` if the future is rejected or cancelled: `then(null, onRejected)`. */
  catch<B = never>(onRejected?: ((reason: any) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(null, onRejected);
  }

  /** Calls `onFinally` when the future has settled. The promise then settles as the future did. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  /** The name of the class, for `Object.prototype.toString` and for consoles. */
  get [Symbol.toStringTag](): string {
    return 'Future';
  }

  /**
   * Returns a text such as `Future { parse #12, running }`. It never contains the value, which may
   * be large.
   */
  override toString(): string {
    // A prototype, or a copy made by a debugger or a deep-clone function, has no producer.
    if (!this._producer?.owner) return 'Future {}';
    return `Future { ${this.name} #${this.id}, ${this.state} }`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Returns the id, the name and the state as JSON, never the value. */
  toJSON(): { id: number; name: string; state: FutureState } {
    return { id: this.id, name: this.name, state: this.state };
  }

  /**
   * Returns a future that is already fulfilled with `value`. As with `Promise.resolve`, a Future is
   * returned unchanged, and a promise is adopted.
   */
  static resolve<T>(value: Future<T> | PromiseLike<T> | T): Future<T>;
  static resolve(): Future<void>;
  static resolve(value?: unknown): Future<unknown> {
    if (isFuture(value)) return value;
    const producer = new DetachedProducer('Future.resolve');
    const future = new Future<unknown>(producer);
    if (adoptPromise(future, value, producer)) deliver(future);
    return future;
  }

  /** Returns a future that is already rejected with `reason`. */
  static reject<T = never>(reason?: unknown): Future<T> {
    const future = new Future<T>(new DetachedProducer('Future.reject'));
    reject(future, reason);
    return future;
  }

  /**
   * Returns a future of a promise's value, or of the last value of an Observable. A Future is
   * returned unchanged. If an Observable completes without a value, the future is rejected with
   * RxJS's EmptyError.
   *
   * Cancelling the future unsubscribes from the Observable. A promise can't be stopped.
   *
   * ```ts
   * import { of } from 'rxjs';
   *
   * console.log(await Future.from(of(1, 2, 3)));
   * // Output:
   * // 3
   * ```
   *
   * @throws TypeError if `source` is neither a promise nor an Observable
   */
  static from<T>(source: Future<T> | PromiseLike<T> | Observable<T> | InteropObservable<T>): Future<T> {
    if (isFuture(source)) return source;
    return connect(source, (producer) => new Future<T>(producer));
  }

  // ── internal: for the rest of the library ──────────────────────────────────────────────────────

  /**
   * @internal RxJS calls it with a Subscriber of its own. As a method, it costs no field of each
   * future.
   */
  _subscribe(subscriber: Subscriber<T>): SubscriberReaction<T> {
    const reaction = new SubscriberReaction(this, subscriber);
    whenSettled(this, reaction);
    return reaction;
  }

  /** @internal The value of a fulfilled future. */
  _value(): T {
    if (this._result instanceof LazyValue) this._result = this._result.decode();
    return this._result as T;
  }

  /** @internal Returns the outcome without observing a failure. */
  _outcome(): Outcome<T> {
    if (this._state === FULFILLED) return { status: 'fulfilled', value: this._value(), future: this };
    if (this._state === CANCELLED) return { status: 'cancelled', reason: this._result as CancelledError, future: this };
    return { status: 'rejected', reason: this._result, future: this };
  }

  /** @internal Marks the future as observed, so that its failure is not reported. */
  _observe(): void {
    if (this._isObserved) return;
    this._isObserved = true;
    if (this._state === REJECTED) unwatch(this);
  }

  /** @internal Adds a reaction to a future that has not settled. */
  _addReaction(reaction: Reaction): void {
    this._reactions = withReaction(this._reactions, reaction);
  }

  /** @internal */
  _removeReaction(reaction: Reaction): void {
    this._reactions = withoutReaction(this._reactions, reaction);
  }
}

/**
 * The progress of a task that reports none: an Observable that only completes, when the future
 * settles.
 */
function silentProgress(future: Future<unknown>): Observable<unknown> {
  return inContext(
    new Observable((subscriber) => {
      const reaction: Reaction = { react: () => subscriber.complete() };
      whenSettled(future, reaction);
      return () => future._removeReaction(reaction);
    }),
  );
}

/** Whether the observer is a Subscriber of another copy of RxJS. */
function isForeignSubscriber(observer: unknown): boolean {
  const candidate = observer as { closed?: unknown; add?: unknown; remove?: unknown } | null | undefined;
  return (
    typeof candidate === 'object' && typeof candidate?.add === 'function' && typeof candidate.remove === 'function'
  );
}
