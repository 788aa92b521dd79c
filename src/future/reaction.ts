/**
 * Reactions: the objects that a future notifies when it settles, in the order in which they were
 * added. They are done callbacks, subscribers, promises, and the work of chained futures.
 */
import type { Future } from './future.js';

export interface Reaction {
  /**
   * Called when the future has settled. A reaction that settles another future appends it to
   * `settled` and does not deliver it. A chain of any length is thus delivered in a loop, not by
   * recursion.
   */
  react(future: Future<any>, settled: Future<any>[]): void;
}

/**
 * No reaction, one reaction (the usual case, without a collection), or several. Several are a Set,
 * so that a reaction can be removed without a search.
 */
export type Reactions = null | Reaction | Set<Reaction>;

export function withReaction(reactions: Reactions, added: Reaction): Reactions {
  if (reactions === null) return added;
  if (reactions instanceof Set) return reactions.add(added);
  return new Set([reactions, added]);
}

export function withoutReaction(reactions: Reactions, removed: Reaction): Reactions {
  if (reactions === removed) return null;
  if (reactions instanceof Set) reactions.delete(removed);
  return reactions;
}

export function hasReactions(reactions: Reactions): boolean {
  return reactions instanceof Set ? reactions.size > 0 : reactions !== null;
}
