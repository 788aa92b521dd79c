/**
 * Converts a priority to BullMQ's. In BullMQ, 1 runs first and 2,097,151 last; jobs without a
 * priority run before all others. In this library, higher numbers run first, and 0 is the default.
 */
const LOWEST = 2 ** 21 - 1;
const DEFAULT = 2 ** 20;

/** Every job gets a priority, because a job without one would run before all jobs that have one. */
export function bullPriority(priority: number): number {
  return Math.max(1, Math.min(LOWEST, Math.round(DEFAULT - priority)));
}
