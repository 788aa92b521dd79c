/** Keys of one command. More would be spread into a call that takes some 100,000 arguments at most, and Redis would do nothing else meanwhile. */
export const MOST_KEYS = 1_000;

export function* chunks<T>(list: readonly T[], size = MOST_KEYS): Iterable<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
