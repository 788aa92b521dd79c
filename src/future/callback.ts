/** Done callbacks. */
import { isObservable } from 'rxjs';
import type { Future } from './future.js';
import type { Outcome } from './outcome.js';
import type { Reaction } from './reaction.js';
import { reportUnhandled } from './unhandled.js';

export class CallbackReaction<T> implements Reaction {
  isRemoved = false;

  constructor(readonly callback: (outcome: Outcome<T>) => void) {}

  react(future: Future<T>): void {
    // It may have been removed by a callback before it.
    if (this.isRemoved) return;
    const { callback } = this;
    try {
      const result: unknown = callback(future._outcome());
      // Through a promise of this realm: a thenable may throw, or call back twice.
      if (isAsync(result)) Promise.resolve(result).catch((error) => this.#failed(error, future));
    } catch (error) {
      this.#failed(error, future);
    }
  }

  #failed(error: unknown, future: Future<T>): void {
    try {
      future._origin.owner.callbackFailed(error, future);
    } catch (fault) {
      reportUnhandled(fault);
    }
  }
}

/** What it is to be waited for. Not a Future, which sees to its own failures, and whose cancellation is none. */
function isAsync(result: unknown): result is PromiseLike<unknown> {
  return typeof (result as PromiseLike<unknown> | null | undefined)?.then === 'function' && !isObservable(result);
}
