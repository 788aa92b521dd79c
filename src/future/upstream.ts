/**
 * Abandons upstream futures: stops waiting for them, and cancels those that have no other reader.
 */
import type { Future } from './future.js';
import { hasReactions, type Reaction } from './reaction.js';

interface Abandoned {
  readonly source: Future<any>;
  readonly reason: unknown;
}

let abandoned: Abandoned[] | undefined;

/**
 * Stops waiting for `source`. Cancels `source` if nothing else waits for it, because nothing would
 * use its result.
 *
 * Cancelling `source` may abandon the future that it waits for in turn. A loop cancels one future
 * after the other, so a chain of any length needs no recursion.
 */
export function abandon(source: Future<any>, reaction: Reaction, reason: unknown): void {
  if (source.isSettled) return;
  source._removeReaction(reaction);
  if (hasReactions(source._reactions)) return;
  if (abandoned !== undefined) {
    abandoned.push({ source, reason });
    return;
  }
  abandoned = [{ source, reason }];
  try {
    for (let next = abandoned.shift(); next !== undefined; next = abandoned.shift()) next.source.cancel(next.reason);
  } finally {
    abandoned = undefined;
  }
}
