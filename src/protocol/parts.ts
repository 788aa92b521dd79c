/**
 * Lists the parts of a value that structuredClone copies. The caller walks on from each part,
 * without recursion, because V8 clones values that are nested deeper than the stack allows.
 */

/**
 * Length from which only the items of an array are visited: reading its keys would take longer than
 * the clone.
 */
const MAX_KEYED_ITEMS = 10_000;

/** Adds the entries of a Map or a Set to `open`. Returns false for any other object. */
export function pushEntries(part: object, open: unknown[]): boolean {
  if (part instanceof Map) {
    for (const [key, item] of part) push(open, key, item);
  } else if (part instanceof Set) {
    for (const item of part) push(open, item);
  } else return false;
  return true;
}

/** Adds the items or the properties of an object to `open`. Skips those whose getters throw. */
export function pushProperties(part: object, open: unknown[]): void {
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
