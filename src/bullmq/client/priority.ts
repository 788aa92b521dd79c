/** BullMQ's priorities: 1 goes first, 2,097,151 last, and before all of them what has none. Ours: higher goes first, 0 where nothing is said. */
const LAST = 2 ** 21 - 1;
const MIDDLE = 2 ** 20;

/** Every job has one, since what has none would go before what was given a high one. */
export function bullPriority(priority: number): number {
  return Math.max(1, Math.min(LAST, Math.round(MIDDLE - priority)));
}
