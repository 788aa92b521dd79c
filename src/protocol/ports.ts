/**
 * Finds a MessagePort in a value before the value is cloned.
 *
 * Node ends the process when it clones a closed port that is not moved
 * (https://github.com/nodejs/node/issues/56362). An open port can't be cloned either.
 */
import { isHandle } from './handle.js';

/**
 * Number of objects that are visited without being remembered. Remembering an object costs more
 * than visiting it, but it is needed so that a cycle ends.
 */
const MAX_UNTRACKED_OBJECTS = 1_000;

/**
 * Returns true if the value contains a port that is not in `moving`. Uses no recursion, because V8
 * clones values that are nested deeper than the stack allows.
 */
export function holdsPort(value: unknown, moving: readonly unknown[] = []): boolean {
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
    if (part instanceof MessagePort) {
      if (!moving.includes(part)) return true;
    } else if (part instanceof Map) {
      for (const [key, item] of part) push(open, key, item);
    } else if (part instanceof Set) {
      for (const item of part) push(open, item);
    } else {
      try {
        if (!isHandle(part)) readParts(part, open);
      } catch {
        // The traps of a proxy throw. The clone will fail in the same way.
      }
    }
  }
  return false;
}

/**
 * Length from which only the items of an array are visited: reading its keys would take longer than
 * the clone.
 */
const MAX_KEYED_ITEMS = 10_000;

function readParts(part: object, open: unknown[]): void {
  if (Array.isArray(part) && part.length > MAX_KEYED_ITEMS) {
    for (const item of part) push(open, item);
    return;
  }
  for (const key of Object.keys(part)) read(part, key, open);
  // V8 copies `cause`, although it is not enumerable.
  if (part instanceof Error) read(part, 'cause', open);
}

function read(part: object, key: string, open: unknown[]): void {
  try {
    push(open, (part as Record<string, unknown>)[key]);
  } catch {
    // A getter throws. The clone will fail in the same way.
  }
}

function push(open: unknown[], ...parts: readonly unknown[]): void {
  for (const part of parts) if (typeof part === 'object' && part !== null) open.push(part);
}

/** @throws TypeError if the value contains a port that is not in `moving` */
export function refusePorts(value: unknown, moving?: readonly unknown[]): void {
  if (holdsPort(value, moving)) {
    throw new TypeError("A MessagePort can't be copied. Mark the whole value with transfer() to move the port.");
  }
}
