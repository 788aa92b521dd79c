/** The way up a chain: what a future waits for, and when that is nobody's business any more. */
import type { Future } from './future.js';
import { hasReactions, type Reaction } from './reaction.js';

/** Stops waiting for `source`. Where nobody else waits for it, it is cancelled: its result would be used by no one. */
export function abandon(source: Future<any>, reaction: Reaction, reason: unknown): void {
  if (source.isSettled) return;
  source._removeReaction(reaction);
  if (!hasReactions(source._reactions)) source.cancel(reason);
}
