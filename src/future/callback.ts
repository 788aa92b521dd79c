/** Done callbacks. */
import { isObservable } from 'rxjs';
import { type Context, call, here } from '../platform/context.js';
import { asPromise, whenDone } from '../protocol/thenable.js';
import type { Future } from './future.js';
import type { Outcome } from './outcome.js';
import type { Reaction } from './reaction.js';
import { reportUnhandled } from './unhandled.js';

export class CallbackReaction<T> implements Reaction {
  /** Undefined once it was called or removed. */
  #callback: ((outcome: Outcome<T>) => void) | undefined;
  /** Of the code that added it; undefined if it is called while it is being added. */
  #context: Context | undefined;

  constructor(callback: (outcome: Outcome<T>) => void, isSettled: boolean) {
    this.#callback = callback;
    this.#context = isSettled ? undefined : here();
  }

  /** Also lets go of what the callback and its context hold: the caller may keep the function that removes it. */
  remove(): void {
    this.#callback = undefined;
    this.#context = undefined;
  }

  react(future: Future<T>): void {
    // It may have been removed by a callback before it.
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
    // A Future sees to its own failures, and its cancellation is none. Any other thenable may throw, or call back twice.
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
