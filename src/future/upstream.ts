/** The way up a chain: what a future waits for, and when that is nobody's business any more. */
import type { Future } from './future.js';
import { hasReactions, type Reaction } from './reaction.js';

interface Abandoned {
  readonly source: Future<any>;
  readonly reason: unknown;
}

let climbing: Abandoned[] | undefined;

/**
 * Stops waiting for `source`. Where nobody else waits for it, it is cancelled: its result would be used by no one. That may abandon what it
 * waits for in turn; a chain of any length is climbed in a loop, not on the stack.
 */
export function abandon(source: Future<any>, reaction: Reaction, reason: unknown): void {
  if (source.isSettled) return;
  source._removeReaction(reaction);
  if (hasReactions(source._reactions)) return;
  if (climbing !== undefined) {
    climbing.push({ source, reason });
    return;
  }
  climbing = [{ source, reason }];
  try {
    for (let next = climbing.shift(); next !== undefined; next = climbing.shift()) next.source.cancel(next.reason);
  } finally {
    climbing = undefined;
  }
}
