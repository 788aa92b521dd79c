/**
 * The states of a future, and the only moves between them. Pure: it knows nothing of workers or observers.
 *
 *     pending ──► running ──► fulfilled | rejected | cancelled
 *        └──────────────────► fulfilled | rejected | cancelled
 *
 * A number is kept rather than a name, so that "has it settled?" is one comparison and a state can only grow.
 */
export type FutureState = 'pending' | 'running' | 'fulfilled' | 'rejected' | 'cancelled';

export const PENDING = 0;
export const RUNNING = 1;
export const FULFILLED = 2;
export const REJECTED = 3;
export const CANCELLED = 4;

const names: readonly FutureState[] = ['pending', 'running', 'fulfilled', 'rejected', 'cancelled'];

export function stateName(state: number): FutureState {
  return names[state]!;
}

export function isSettled(state: number): boolean {
  return state >= FULFILLED;
}

/** Whether a future may go from one state to another: forward, and out of a settled one never. */
export function mayAdvance(from: number, to: number): boolean {
  return from < FULFILLED && to > from;
}
