/**
 * Makes a shared value read-only: objects, arrays, errors, Maps and Sets, at any depth.
 *
 * Bytes stay writable, because JavaScript can't freeze a typed array. Dates keep their setters.
 */
import { isHandle } from '../protocol/handle.js';

/** Length of an array from which only its items are visited, because its keys would be slow. */
const MAX_KEYED_ITEMS = 10_000;

/**
 * Freezes a structured clone and all of its parts. Returns the value. Uses no recursion, because
 * values may be nested deeper than the stack allows.
 */
export function freezeDeeply<T>(value: T): T {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const part = open.pop();
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part) || isHandle(part)) continue;
    // Nothing in a structured clone is frozen, so this part was met before.
    if (Object.isFrozen(part)) continue;
    if (part instanceof Map) {
      for (const [key, item] of part) push(open, key, item);
      refuse(part, ['set', 'delete', 'clear']);
    } else if (part instanceof Set) {
      for (const item of part) push(open, item);
      refuse(part, ['add', 'delete', 'clear']);
    } else if (Array.isArray(part) && part.length > MAX_KEYED_ITEMS) {
      for (const item of part) push(open, item);
    } else {
      for (const key of Object.keys(part)) push(open, (part as Record<string, unknown>)[key]);
      if (part instanceof Error) push(open, part.cause);
    }
    Object.freeze(part);
  }
  return value;
}

function push(open: unknown[], ...parts: readonly unknown[]): void {
  for (const part of parts) if (typeof part === 'object' && part !== null) open.push(part);
}

/**
 * Object.freeze does not reach the entries of a Map or a Set. So the methods that change the
 * entries are replaced. A structured clone, such as a result of a task, has the original methods.
 */
function refuse(collection: object, methods: readonly string[]): void {
  for (const method of methods) Object.defineProperty(collection, method, { value: readOnly(method) });
}

const refusals = new Map<string, () => never>();

function readOnly(method: string): () => never {
  let refusal = refusals.get(method);
  if (refusal === undefined) {
    refusal = () => {
      throw new TypeError(`${method}() can't change a shared value, which is read-only. Change a copy of it.`);
    };
    refusals.set(method, refusal);
  }
  return refusal;
}
