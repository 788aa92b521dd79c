/**
 * Finds a MessagePort in a value before the value is cloned. Node ends the process at the clone of a closed port that does not move
 * (https://github.com/nodejs/node/issues/56362), and a port that is open cannot be cloned either.
 */
import { isHandle } from './handle.js';

/** Objects looked at before those that were met are remembered, so that a cycle ends. Remembering costs more than looking. */
const MANY = 1_000;

/** Whether there is a port in the value, besides those that move. Without recursion: V8 clones values that are deeper than the stack of such calls. */
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
    } else if (++count > MANY) {
      // It starts over from where it is: whatever is in a cycle is met again, once.
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
        // A proxy whose traps throw: the clone fails too.
      }
    }
  }
  return false;
}

/** Items of an array from which on its keys are not read: they would take more time than the clone. */
const LARGE = 10_000;

function readParts(part: object, open: unknown[]): void {
  if (Array.isArray(part) && part.length > LARGE) {
    for (const item of part) push(open, item);
    return;
  }
  for (const key of Object.keys(part)) read(part, key, open);
  // V8 copies it, though it is not enumerable.
  if (part instanceof Error) read(part, 'cause', open);
}

function read(part: object, key: string, open: unknown[]): void {
  try {
    push(open, (part as Record<string, unknown>)[key]);
  } catch {
    // The clone fails at this getter too.
  }
}

function push(open: unknown[], ...parts: readonly unknown[]): void {
  for (const part of parts) if (typeof part === 'object' && part !== null) open.push(part);
}

/** @throws TypeError if there is a port in the value, besides those that move */
export function refusePorts(value: unknown, moving?: readonly unknown[]): void {
  if (holdsPort(value, moving)) throw new TypeError('A MessagePort can be moved, but not copied.');
}
