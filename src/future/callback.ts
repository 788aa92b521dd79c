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
      callback(future._outcome());
    } catch (error) {
      future._origin.owner.callbackFailed(error, future);
    }
  }
}
