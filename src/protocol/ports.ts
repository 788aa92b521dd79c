/**
 * Finds a MessagePort in a value before the value is cloned.
 *
 * Node ends the process when it clones a closed port that is not moved
 * (https://github.com/nodejs/node/issues/56362). An open port can't be cloned either.
 */
import { isHandle } from './handle.js';
import { pushEntries, pushProperties } from './parts.js';

/**
 * Number of objects that are visited without being remembered. Remembering an object costs more
 * than visiting it, but it is needed so that a cycle ends.
 */
const MAX_UNTRACKED_OBJECTS = 1_000;

/** Returns true if the value contains a port that is not in `moving`. */
export function holdsPort(value: unknown, moving: readonly unknown[] = []): boolean {
  return holdsPart(value, (part) => part instanceof MessagePort && !moving.includes(part));
}

/**
 * Returns true if the value contains an object that is wanted, or is one. Uses no recursion,
 * because V8 clones values that are nested deeper than the stack allows.
 */
export function holdsPart(value: unknown, isWanted: (part: object) => boolean): boolean {
  const open: unknown[] = [value];
  let seen: Set<unknown> | undefined;
  let count = 0;
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) continue;
    if (seen !== undefined) {
      if (seen.has(part)) continue;
      seen.add(part);
    } else if (++count > MAX_UNTRACKED_OBJECTS) {
      // From here on, objects are remembered. The search meets every object of a cycle once more
      // and then ends.
      seen = new Set([part]);
    }
    if (isWanted(part)) return true;
    if (!(part instanceof MessagePort) && !pushEntries(part, open)) {
      try {
        if (!isHandle(part)) pushProperties(part, open);
      } catch {
        // The traps of a proxy throw. The clone will fail in the same way.
      }
    }
  }
  return false;
}

/** @throws TypeError if the value contains a port that is not in `moving` */
export function refusePorts(value: unknown, moving?: readonly unknown[]): void {
  if (holdsPort(value, moving)) {
    throw new TypeError("A MessagePort can't be copied. Mark the whole value with transfer() to move the port.");
  }
}
