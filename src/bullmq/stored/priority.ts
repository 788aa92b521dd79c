/**
 * Converts a priority to BullMQ's. In BullMQ, 1 runs first and 2,097,151 last; jobs without a
 * priority run before all others. In this library, higher numbers run first, and 0 is the default.
 */
const LOWEST = 2 ** 21 - 1;

/** BullMQ's priority of a task without one, in a ranked queue (stored/ranking.ts). */
export const DEFAULT = 2 ** 20;

/** BullMQ's priority for a job without one, which is in the list of waiting jobs. */
const NONE = 0;

export function bullPriority(priority: number): number {
  return Math.max(1, Math.min(LOWEST, Math.round(DEFAULT - priority)));
}

/** Returns true if a task with this priority runs before the tasks without a priority. */
export function isUrgent(priority: number): boolean {
  return bullPriority(priority) < DEFAULT;
}

/** A task without a priority has none in BullMQ either, unless the queue is ranked. */
export function jobPriority(priority: number, isRanked: boolean): number {
  const ranked = bullPriority(priority);
  return ranked === DEFAULT && !isRanked ? NONE : ranked;
}
