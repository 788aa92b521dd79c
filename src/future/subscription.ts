/**
 * The subscriptions of a future. `future.subscribe(observer)` returns a {@link FutureSubscription}.
 *
 * RxJS would allocate three objects and two closures for a subscription. A future emits at most one
 * value, so one object is enough, and a task with a subscriber stays cheap.
 */
import { type Observer, type Subscriber, Subscription } from 'rxjs';
import { type Context, call, here } from '#platform/context';
import type { Future } from './future.js';
import type { Reaction } from './reaction.js';
import { CANCELLED, FULFILLED } from './state.js';
import { reportUnhandled } from './unhandled.js';

/**
 * Subscription without a constructor. RxJS would initialize four fields, and three of them are for
 * finalizers and parents, which most subscriptions never have. RxJS treats a missing field as an
 * empty one.
 */
const BareSubscription = function BareSubscription() {} as unknown as new () => Subscription;
BareSubscription.prototype = Subscription.prototype;

export class FutureSubscription<T> extends BareSubscription implements Reaction {
  override closed = false;
  #observer: Partial<Observer<T>> | ((value: T) => void) | null | undefined;
  #future: Future<T> | undefined;
  /** The async context of the code that subscribed; undefined if the future had settled by then. */
  #context: Context | undefined;

  constructor(future: Future<T>, observer: Partial<Observer<T>> | ((value: T) => void) | null | undefined) {
    super();
    this.#future = future;
    this.#observer = observer;
    this.#context = future.isSettled ? undefined : here();
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.#future?._removeReaction(this);
    // Drops all references, because the caller may keep the subscription.
    this.#future = undefined;
    this.#observer = undefined;
    this.#context = undefined;
    super.unsubscribe();
  }

  react(future: Future<T>): void {
    if (this.closed) return;
    const context = this.#context;
    try {
      if (context === undefined) this.#tell(future);
      else call(context, this.#tell, this, future);
    } finally {
      this.unsubscribe();
    }
  }

  #tell(future: Future<T>): void {
    // The future has settled, so there is no reaction left to remove.
    this.#future = undefined;
    const observer = this.#observer;
    if (future._state === FULFILLED) {
      const value = future._value();
      try {
        if (typeof observer === 'function') observer(value);
        else observer?.next?.(value);
      } catch (error) {
        // As in RxJS, an observer that throws in `next` still receives `complete`.
        reportUnhandled(error);
      }
      if (!this.closed && typeof observer === 'object') observer?.complete?.();
    } else if (typeof observer === 'object' && observer?.error) {
      future._observe();
      observer.error(future._result);
    } else if (future._state !== CANCELLED) {
      // As in RxJS, an error without a handler is reported. A cancellation is not reported, because
      // the program asked for it.
      future._observe();
      reportUnhandled(future._result);
    }
  }
}

/** The reaction for Subscribers of RxJS, which operators, `from` and similar functions create. */
export class SubscriberReaction<T> implements Reaction {
  readonly #context: Context | undefined;

  constructor(
    readonly future: Future<T>,
    readonly subscriber: Subscriber<T>,
  ) {
    this.#context = future.isSettled ? undefined : here();
  }

  /** RxJS calls this method as the finalizer of the subscription. */
  unsubscribe(): void {
    this.future._removeReaction(this);
  }

  react(future: Future<T>): void {
    if (this.subscriber.closed) return;
    if (this.#context === undefined) this.#tell(future);
    else call(this.#context, this.#tell, this, future);
  }

  #tell(future: Future<T>): void {
    const { subscriber } = this;
    if (future._state === FULFILLED) {
      subscriber.next(future._value());
      subscriber.complete();
    } else {
      future._observe();
      subscriber.error(future._result);
    }
  }
}
