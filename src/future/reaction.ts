/**
 * What waits for a future to settle, in the order in which it was added: done callbacks, subscribers, promises, and the links
 * to futures that are chained to it.
 */
import type { Future } from './future.js';

export interface Reaction {
  /**
   * The future has settled. A link that settles another future in turn appends it to `settled` instead of delivering to it
   * itself, so that a chain of any length is worked off in a loop and not on the stack.
   */
  react(future: Future<any>, settled: Future<any>[]): void;
}

/** None, one (the usual case, without a collection), or several; a Set, since leaving must not cost a search. */
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
