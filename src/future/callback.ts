/** Done callbacks: the functions that users pass to `addDoneCallback`. */
import { isObservable } from 'rxjs';
import { type Context, call, here } from '#platform/context';
import { asPromise, whenDone } from '../protocol/thenable.js';
import type { Future } from './future.js';
import type { Outcome } from './outcome.js';
import type { Reaction } from './reaction.js';
import { reportUnhandled } from './unhandled.js';

export class CallbackReaction<T> implements Reaction {
  /** The callback; undefined once it was called or removed. */
  #callback: ((outcome: Outcome<T>) => void) | undefined;
  /**
   * The async context of the code that added the callback; undefined if the future had settled by
   * then.
   */
  #context: Context | undefined;

  constructor(callback: (outcome: Outcome<T>) => void, isSettled: boolean) {
    this.#callback = callback;
    this.#context = isSettled ? undefined : here();
  }

  /**
   * Removes the callback. Also drops the references to the callback and its context, because the
   * caller may keep the function that removes it.
   */
  remove(): void {
    this.#callback = undefined;
    this.#context = undefined;
  }

  react(future: Future<T>): void {
    // A callback that ran earlier may have removed this one.
    if (this.#callback === undefined) return;
    const context = this.#context;
    if (context === undefined) this.#callBack(future);
    else call(context, this.#callBack, this, future);
  }

  #callBack(future: Future<T>): void {
    const callback = this.#callback!;
    this.remove();
    callBack(callback, future);
  }
}

function callBack(callback: (outcome: Outcome<any>) => unknown, future: Future<any>): void {
  try {
    const result = callback(future._outcome());
    // A Future that the callback returns reports its own failure. Its cancellation is not an
    // error. Any other thenable may throw, or may call back twice.
    const promise = isObservable(result) ? undefined : asPromise(result);
    if (promise !== undefined) whenDone(promise, undefined, (error) => failed(error, future));
  } catch (error) {
    failed(error, future);
  }
}

function failed(error: unknown, future: Future<any>): void {
  try {
    future._producer.owner.callbackFailed(error, future);
  } catch (fault) {
    reportUnhandled(fault);
  }
}
