/**
 * The states of a worker, and all moves between them. A worker skips states if it fails to start or
 * dies.
 *
 *     starting ──► ready ──► leaving ──► ended
 *
 *   - starting: The worker is being created, or loads the task module.
 *   - ready: The worker may receive jobs.
 *   - leaving: The worker receives no more jobs. It ends when its jobs are done, or is killed.
 *   - ended: The thread or process is gone.
 */
export type WorkerState = 'starting' | 'ready' | 'leaving' | 'ended';

const moves: Readonly<Record<WorkerState, readonly WorkerState[]>> = {
  starting: ['ready', 'leaving', 'ended'],
  ready: ['leaving', 'ended'],
  leaving: ['ended'],
  ended: [],
};

export function mayAdvance(from: WorkerState, to: WorkerState): boolean {
  return moves[from].includes(to);
}
