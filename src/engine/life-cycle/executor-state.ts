/** The states of an executor, and all moves between them. */

/**
 * - `open`: the executor accepts tasks.
 * - `draining`: `shutdown()` was called. Tasks that were submitted before still run.
 * - `closed`: all tasks have settled, and no more are accepted. Workers may still be ending. The
 *   promise of `shutdown()` or `terminate()` resolves when they have ended.
 * - `broken`: no worker can be started. A BrokenExecutorError rejects all tasks.
 */
export type ExecutorState = 'open' | 'draining' | 'closed' | 'broken';

const moves: Readonly<Record<ExecutorState, readonly ExecutorState[]>> = {
  open: ['draining', 'closed', 'broken'],
  draining: ['closed', 'broken'],
  closed: [],
  broken: [],
};

/** Returns true if an executor may move from one state to the other. */
export function mayAdvance(from: ExecutorState, to: ExecutorState): boolean {
  return moves[from].includes(to);
}

/** Returns true if an executor in this state never accepts a task again. */
export function isFinal(state: ExecutorState): boolean {
  return moves[state].length === 0;
}
