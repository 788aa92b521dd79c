/**
 * Maximum number of futures or jobs in one request to the queue. A transport may spread them into a
 * call, which accepts about 100,000 arguments. Redis also executes nothing else while a command
 * runs.
 */
export const MAX_KEYS = 1_000;

export function* chunks<T>(list: readonly T[], size = MAX_KEYS): Iterable<readonly T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size);
}
