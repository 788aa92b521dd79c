/**
 * The states of a future and all moves between them, as pure functions.
 */

/**
 * The state of a future. A future moves forward only, and settles once.
 *
 *     pending ──► running ──► fulfilled | rejected | cancelled
 *        └──────────────────► fulfilled | rejected | cancelled
 *
 * `pending`: the task has not started. `running`: a worker has claimed it.
 */
export type FutureState = 'pending' | 'running' | 'fulfilled' | 'rejected' | 'cancelled';

// A state is stored as a number that never decreases, so that "has it settled?" is one comparison.
export const PENDING = 0;
export const RUNNING = 1;
export const FULFILLED = 2;
export const REJECTED = 3;
export const CANCELLED = 4;

const names: readonly FutureState[] = ['pending', 'running', 'fulfilled', 'rejected', 'cancelled'];

export function stateName(state: number): FutureState {
  return names[state]!;
}

/** Returns the `phase` of a TimeoutError about a future in that state. */
export function phaseOf({ state }: { readonly state: FutureState }): 'waiting' | 'running' {
  return state === 'running' ? 'running' : 'waiting';
}

export function isSettled(state: number): boolean {
  return state >= FULFILLED;
}

/**
 * Returns whether a future may move from one state to another. Moves go forward, and a settled
 * future never moves.
 */
export function mayAdvance(from: number, to: number): boolean {
  return from < FULFILLED && to > from;
}
