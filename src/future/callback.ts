/** Done callbacks. */
import type { Future } from './future.js';
import type { Outcome } from './outcome.js';
import type { Reaction } from './reaction.js';

export class CallbackReaction<T> implements Reaction {
  isRemoved = false;

  constructor(readonly callback: (outcome: Outcome<T>) => void) {}

  react(future: Future<T>): void {
    // It may have been removed by a callback before it.
    if (this.isRemoved) return;
    const { callback } = this;
    try {
      const result: unknown = callback(future._outcome());
      if (result instanceof Promise) result.catch((error) => this.#failed(error, future));
    } catch (error) {
      this.#failed(error, future);
    }
  }

  #failed(error: unknown, future: Future<T>): void {
    future._origin.owner.callbackFailed(error, future);
  }
}
