/**
 * The states of an actor, and all moves between them.
 *
 *     starting ──► alive ──► ended
 *      ▲   │         │
 *      │   └──► dead ◄┤
 *      └── restart ───┘
 *
 *   - `starting`: Its constructor has not finished. Calls wait.
 *   - `alive`: Its object exists.
 *   - `ended`: The object was disposed of, because of `Actor.end` or the end of the executor.
 *   - `dead`: Its worker has ended, or its constructor has failed. All calls reject.
 */
export type ActorState = 'starting' | 'alive' | 'ended' | 'dead';

const moves: Readonly<Record<ActorState, readonly ActorState[]>> = {
  // From starting to starting: its worker has ended during the constructor, and it is restarted.
  starting: ['starting', 'alive', 'ended', 'dead'],
  alive: ['starting', 'ended', 'dead'],
  ended: [],
  dead: [],
};

export function mayAdvance(from: ActorState, to: ActorState): boolean {
  return moves[from].includes(to);
}
